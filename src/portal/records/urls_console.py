from django.urls import path

from portal.records.pages import companies, details, erasure, merging, notes

app_name = "records"
urlpatterns = [
    path("clients/tags/", notes.all_tags, name="tags"),
    path("clients/tags/put/", notes.tag_many, name="tag-many"),
    path("clients/tags/<int:tag_id>/", notes.rename, name="rename-tag"),
    path("clients/fields/", details.all_fields, name="fields"),
    path("clients/fields/<int:field_id>/", details.field, name="field"),
    path("clients/fields/<int:field_id>/archive/", details.archive_field, name="archive-field"),
    path("clients/export/", details.export_list, name="export"),
    path("clients/duplicates/", merging.index, name="duplicates"),
    path("clients/<int:client_id>/details/", details.edit, name="details"),
    path("clients/<int:client_id>/timeline/", details.history, name="timeline"),
    path("companies/<int:company_id>/details/", companies.edit, name="company-details"),
    path("companies/<int:company_id>/timeline/", companies.history, name="company-timeline"),
    path("clients/<int:client_id>/archive/", details.archive, name="archive"),
    path("clients/<int:client_id>/tags/", notes.tag, name="tag"),
    path("clients/<int:client_id>/tags/<int:tag_id>/deletion/", notes.untag, name="untag"),
    path("clients/<int:client_id>/notes/", notes.add_note, name="add-note"),
    path("clients/<int:client_id>/notes/<int:note_id>/", notes.note, name="note"),
    path("clients/<int:client_id>/merge/", merging.find, name="find"),
    path("clients/<int:client_id>/merge/<int:other_id>/", merging.merge, name="merge"),
    path("clients/<int:client_id>/merge/<int:other_id>/apart/", merging.apart, name="apart"),
    path("clients/<int:client_id>/data/", erasure.data, name="data"),
    path("clients/<int:client_id>/erasure/", erasure.erase, name="erasure"),
]
