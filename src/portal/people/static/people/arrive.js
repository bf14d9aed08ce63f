// Presses the one button of this page. Without scripts the person does.
document.querySelector("form[data-arrive]")?.requestSubmit();
