"""Own fields of companies for the agency's own programs."""

from typing import Any

from django.http import Http404
from ninja import Query, Router

from portal.apikeys.shapes import ANSWERS, Paged, Paging, paged
from portal.http import Request
from portal.people.models import Company
from portal.records import fields
from portal.records.api import FieldOut, FieldsIn, FieldsOut, field_out
from portal.records.models import CustomField

router = Router(tags=["companies"])


@router.get("/fields/", response={200: Paged[FieldOut], **ANSWERS})
def list_company_fields(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """The agency's own fields of companies, newest first."""
    found = CustomField.objects.filter(about=CustomField.About.COMPANY)
    return paged(found, paging, field_out)


@router.put("/{int:company_id}/fields/", response={200: FieldsOut, **ANSWERS})
def set_company_fields(request: Request, company_id: int, payload: FieldsIn) -> dict[str, Any]:
    """Fill in own fields of a company; those that are not named stay."""
    company = Company.objects.filter(pk=company_id).first()
    if company is None:
        raise Http404
    fields.set_values(company, payload.fields, by=request.staff, request=request)
    return {"fields": company.custom}
