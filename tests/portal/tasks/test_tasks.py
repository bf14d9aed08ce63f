"""Tasks are asked for once, done once, and never lose who has them."""

from portal.people.models import Staff
from portal.tasks.models import Task
from portal.tasks.operations import add_task, done_at_source, hand_to, set_done
from tenants.agencies.current import CurrentAgency, inside


def test_asking_twice_for_the_same_reason_is_one_open_task(northwind: CurrentAgency) -> None:
    with inside(northwind):
        alice = Staff.objects.get()
        first = add_task("Answer Maria", by=None, source="feedback.thread:7", path="/feedback/7/")
        hand_to(first, alice, by=alice)
        again = add_task("Answer Maria: logo", by=None, source="feedback.thread:7", path="/feedback/7/")
        assert again.pk == first.pk and again.title == "Answer Maria: logo" and again.assignee == alice
        done_at_source("feedback.thread:7", by=alice)
        later = add_task("Answer Maria", by=None, source="feedback.thread:7")
        assert later.pk != first.pk and list(Task.objects.open()) == [later]


def test_a_task_is_not_opened_again_beside_the_newer_one(northwind: CurrentAgency) -> None:
    with inside(northwind):
        alice = Staff.objects.get()
        first = add_task("Answer", by=alice, source="feedback.thread:7")
        set_done(first, is_done=True, by=alice)
        second = add_task("Answer", by=alice, source="feedback.thread:7")
        set_done(first, is_done=False, by=alice)
        assert list(Task.objects.open()) == [second]
        set_done(second, is_done=True, by=alice)
        set_done(first, is_done=False, by=alice)
        first.refresh_from_db()
        assert list(Task.objects.open()) == [first] and first.done_by is None


def test_tasks_of_their_own_are_many(northwind: CurrentAgency) -> None:
    with inside(northwind):
        assert add_task("Call", by=None).pk != add_task("Call", by=None).pk
