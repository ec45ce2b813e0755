"""Words for codes that only pages use."""

from flask_babel import gettext as _


def degrees() -> dict[str, str]:
    """Return how far a question is answered, in words."""
    return {"yes": _("answered"), "partly": _("in part"), "no": _("not stated")}


def challenge_standings() -> dict[str, str]:
    """Return whether a challenge takes proposals, in words."""
    return {"open": _("Open"), "coming": _("Opens later"), "closed": _("Closed")}


def peer_states() -> dict[str, str]:
    """Return how far a peer is trusted, in words."""
    return {
        "suggested": _("Suggested by others"),
        "pending": _("Waits until its fingerprint is compared"),
        "accepted": _("Accepted"),
        "suspended": _("Suspended"),
    }


def run_states() -> dict[str, str]:
    """Return how a harvest ended, in words."""
    return {
        "running": _("Running"),
        "done": _("Done"),
        "unchanged": _("Nothing new"),
        "failed": _("Failed"),
        "interrupted": _("Interrupted"),
    }


def standings() -> dict[str, str]:
    """Return why a publisher is accepted, in words."""
    return {
        "local": _("This node"),
        "pinned": _("Accepted by the administrator"),
        "introduced": _("Introduced by"),
        "quarantined": _("Held back: two different keys"),
        "frozen": _("Held back: two documents with one number"),
    }


def health_states() -> dict[str, str]:
    """Return how a peer is doing, in words."""
    return {
        "healthy": _("Healthy"),
        "failing": _("Failing"),
        "waiting": _("Not harvested yet"),
        "pushes": _("Sends by itself what is new"),
        "stopped": _("Not harvested"),
    }


def alert_states() -> dict[str, str]:
    """Return whether a followed search is told of, in words."""
    return {
        "waiting": _("Waits for its confirmation"),
        "active": _("Active"),
        "paused": _("Paused: it could not be delivered"),
    }


def rhythms() -> dict[str, str]:
    """Return how often digests are sent, in words."""
    return {"daily": _("every day"), "weekly": _("every week"), "hourly": _("every hour")}


def role_names() -> dict[str, str]:
    """Return the roles of accounts, from the least to the most."""
    return {
        "reader": _("Reader"),
        "editor": _("Editor"),
        "reviewer": _("Reviewer"),
        "owner": _("Owner"),
    }


def role_texts() -> dict[str, str]:
    """Return what each role allows, in words."""
    return {
        "reader": _("sees drafts and comments on them"),
        "editor": _("writes drafts and submits them for review"),
        "reviewer": _("also publishes, changes and withdraws records, and answers observations"),
        "owner": _("also decides on peers, accounts and settings"),
    }


def scope_names() -> dict[str, str]:
    """Return what a token may do, in words."""
    return {
        "read": _("See drafts"),
        "write": _("Write drafts"),
        "publish": _("Publish and withdraw records"),
        "moderate": _("Answer observations"),
        "administer": _("Administer the node"),
    }


def password_problems() -> dict[str, str]:
    """Return what is wrong with a password, in words."""
    return {
        "short": _("This password is too short: take at least 12 characters."),
        "long": _("This password is too long: take at most 200 characters."),
        "simple": _("This password is too simple: take several words."),
        "name": _("This password is mostly your name or that of the node: take other words."),
    }


def draft_states() -> dict[str, str]:
    """Return where a draft is on its way, in words."""
    return {
        "writing": _("Being written"),
        "submitted": _("Waits for review"),
        "returned": _("Returned to the author"),
        "scheduled": _("Will be published"),
    }


def note_kinds() -> dict[str, str]:
    """Return what somebody did with a draft, in words."""
    return {
        "comment": _("says"),
        "submitted": _("hands it in"),
        "returned": _("returns it"),
        "scheduled": _("sets its publication"),
        "recalled": _("takes it back"),
    }


def step_names() -> dict[str, str]:
    """Return the steps of the editor."""
    return {
        "progress": _("How it goes"),
        "essentials": _("What it is"),
        "repeat": _("How to repeat it"),
        "people": _("People and privacy"),
        "proof": _("Proof and material"),
        "rest": _("The rest"),
    }


def observation_states() -> dict[str, str]:
    """Return what became of an observation, in words."""
    return {
        "received": _("Received; somebody will look at it"),
        "published": _("Published; the answer is still to come"),
        "answered": _("Answered"),
        "refused": _("Not published"),
        "withdrawn": _("Withdrawn"),
    }


def case_states() -> dict[str, str]:
    """Return what is to be done with an observation, in the words of those who do it."""
    return {
        **observation_states(),
        "received": _("To be looked at"),
        "published": _("Published; no answer yet"),
    }


def ways_of_entry() -> dict[str, str]:
    """Return how an observation came, in words."""
    return {
        "citizen": _("through the form on the web"),
        "phone": _("on the phone"),
        "counter": _("at the counter"),
        "paper": _("on paper"),
    }


def hint_kinds() -> dict[str, str]:
    """Return what a text seems to hold, in words."""
    return {
        "mail": _("an e-mail address"),
        "phone": _("a phone number"),
        "identity": _("an identity number"),
        "account": _("a bank account"),
        "name": _("the name of a person"),
    }


def commitment_degrees() -> dict[str, str]:
    """Return how far a commitment is fulfilled, in words, by its degree."""
    return {
        "0": _("not begun"),
        "1": _("begun"),
        "2": _("half way"),
        "3": _("for the most part"),
        "4": _("fulfilled"),
    }


def alert_kinds() -> dict[str, str]:
    """Return what the operator is to look at, in words."""
    return {
        "new-key": _("A publisher shows another key"),
        "rollback": _("A publisher promises less than before"),
        "restored-backup": _("A publisher goes on from an old backup"),
        "recovered": _("A publisher has recovered with its offline key"),
        "equivocation": _("A publisher has signed two things under one number"),
        "over-quota": _("A peer publishes more than is shown of it"),
        "join-request": _("A node asks to join"),
    }


def doctor_checks() -> dict[str, str]:
    """Return what the doctor looks at, in words, by the name of the check."""
    return {
        "address": _("Public address"),
        "sector": _("Sector"),
        "tables": _("Tables"),
        "disk": _("Disk"),
        "keys": _("Keys"),
        "backups": _("Backups"),
        "privacy": _("Privacy"),
        "index": _("Search"),
        "worker": _("Worker"),
        "peers": _("Peers"),
        "notices": _("Notices"),
        "searches": _("Followed searches"),
        "packages": _("Packages"),
        "database": _("Database"),
    }


def act_names() -> dict[str, str]:
    """Return what the audit log tells of, in words; commands stand there as they were typed."""
    return {
        "signed-in": _("signed in"),
        "locked": _("locked after wrong passwords"),
        "account-added": _("made an account"),
        "account-removed": _("removed an account"),
        "password-link": _("made a link for a password"),
        "password-chosen": _("chose a password"),
        "provider-bound": _("bound to the login of the town"),
        "role-given": _("gave a role"),
        "suspended": _("suspended an account"),
        "admitted": _("let an account in again"),
        "token-made": _("made a token"),
        "token-ended": _("ended a token"),
        "published": _("published"),
        "scheduled": _("set a time for publication"),
        "discarded": _("threw a draft away"),
        "retracted": _("withdrew a record"),
        "erased": _("erased a record"),
        "imported": _("imported a file"),
        "drafts-kept": _("kept rows of a file as drafts"),
        "observation-published": _("published an observation"),
        "observation-refused": _("did not publish an observation"),
        "observation-answered": _("answered an observation"),
        "observation-entered": _("wrote an observation down"),
        "village-kept": _("kept the profile of a village"),
        "village-forgotten": _("forgot the profile of a village"),
        "admin.settle": _("settled an alert"),
        "admin.add": _("looked a peer up"),
        "admin.ask_hub": _("asked a hub to join"),
        "admin.accept": _("accepted a peer"),
        "admin.suspend": _("suspended a peer"),
        "admin.remove": _("removed a peer"),
        "admin.harvest": _("had a peer harvested"),
        "admin.schedule": _("changed when a peer is harvested"),
        "admin.choose_shown": _("changed what is shown of a peer"),
        "admin.leave": _("left the administration"),
        "alerts.add": _("followed a search"),
        "alerts.remove": _("stopped following a search"),
        "alerts.send": _("sent what a search found"),
    }


def merit_names() -> dict[str, str]:
    """Return what an organisation is recognised for, in a few words."""
    return {
        "adapts": _("Repeats what others do"),
        "adapts-rural": _("Repeats it in a rural place"),
        "adapted": _("Repeated by others"),
        "answers": _("Answers residents"),
    }


def merit_criteria() -> dict[str, str]:
    """Return by which criterion it is recognised for that, in a sentence."""
    return {
        "adapts": _(
            "It has published an adaptation of a practice of somebody else that was at least tried "
            "out."
        ),
        "adapts-rural": _(
            "It has published an adaptation of a practice of somebody else that was at least tried "
            "out in a village or another rural place."
        ),
        "adapted": _(
            "Others have published that they have at least tried out one of its practices "
            "elsewhere; each place counts once."
        ),
        "answers": _(
            "It has answered every observation that it published within 30 days, three at least; "
            "one that is younger and not answered yet does not count."
        ),
    }
