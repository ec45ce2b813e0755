"""Commands for accounts: who works on this node, and the tokens of their programs."""

from typing import TYPE_CHECKING

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import print_json, put, say

if TYPE_CHECKING:
    from node.accounts.store import Account
    from node.runtime import Runtime

_ROLES = ("reader", "editor", "reviewer", "owner")
_SCOPES = ("read", "write", "publish", "moderate", "administer")


def _found(runtime: "Runtime", login: str) -> "Account":
    from node.services.accounts import accounts
    from node.services.errors import ServiceError

    found = accounts(runtime).by_login(login)
    if found is None:
        raise ServiceError(f"nobody here has the e-mail address {login}; see: lonja user list")
    return found


@click.group("user")
def user_command() -> None:
    """People who work on this node: who they are, and what each may do."""


@user_command.command("add")
@click.argument("login", metavar="EMAIL")
@click.option("--name", default="", help="As others on this node see it.")
@click.option("--role", type=click.Choice(_ROLES), default="editor", show_default=True)
@click.option("--origin", default="", help="DID of one origin only, for example a hosted village.")
@node_options
@json_option
@pass_options
def add_command(options: Options, login: str, name: str, role: str, origin: str) -> None:
    """Make an account and print the link at which EMAIL chooses a password."""
    from node.accounts.roles import Role
    from node.services.accounts import COMMAND, Invitation, invite

    with options.node() as runtime:
        link = invite(runtime, COMMAND, Invitation(login, name, Role(role), origin))
    _tell_link(options, login, link)


@user_command.command("link")
@click.argument("login", metavar="EMAIL")
@node_options
@json_option
@pass_options
def link_command(options: Options, login: str) -> None:
    """Print a new link at which EMAIL chooses a password, for a lost or locked one."""
    from node.services.accounts import COMMAND, new_link

    with options.node() as runtime:
        link = new_link(runtime, COMMAND, _found(runtime, login))
    _tell_link(options, login, link)


def _tell_link(options: Options, login: str, link: str) -> None:
    if options.json:
        print_json({"login": login, "link": link})
    else:
        put(link)
        say(f"send it to {login}: it is good once, for three days")


@user_command.command("list")
@node_options
@json_option
@pass_options
def list_command(options: Options) -> None:
    """Print who has an account."""
    from node.services.accounts import accounts

    with options.node() as runtime:
        found = accounts(runtime).list()
    if options.json:
        print_json({"users": [_as_json(one) for one in found]})
        return
    for one in found:
        roles = ", ".join(f"{role} of {did}" if did else role for did, role in one.roles.items())
        state = "suspended" if one.suspended else "" if one.has_password else "no password yet"
        put("  ".join(part for part in (one.login, one.name, roles or "no role", state) if part))


def _as_json(one: "Account") -> dict[str, object]:
    return {
        "login": one.login,
        "name": one.name,
        "roles": dict(one.roles),
        "suspended": one.suspended,
        "password": one.has_password,
        "locked_until": one.locked_until.isoformat() if one.locked_until else None,
        "created": one.created.isoformat(),
        "seen": one.seen.isoformat() if one.seen else None,
    }


@user_command.command("role")
@click.argument("login", metavar="EMAIL")
@click.argument("role", type=click.Choice((*_ROLES, "none")))
@click.option("--origin", default="", help="DID of one origin only.")
@node_options
@pass_options
def role_command(options: Options, login: str, role: str, origin: str) -> None:
    """Give EMAIL a role in the place of the one held."""
    from node.accounts.roles import Role
    from node.services.accounts import COMMAND, give_role

    with options.node() as runtime:
        given = None if role == "none" else Role(role)
        give_role(runtime, COMMAND, _found(runtime, login), given, origin)


@user_command.command("suspend")
@click.argument("login", metavar="EMAIL")
@click.option("--undo", is_flag=True, help="Let them in again.")
@node_options
@pass_options
def suspend_command(options: Options, login: str, undo: bool) -> None:
    """Let EMAIL in no more; sessions and tokens end at once."""
    from node.services.accounts import COMMAND, suspend

    with options.node() as runtime:
        suspend(runtime, COMMAND, _found(runtime, login), suspended=not undo)


@user_command.command("remove")
@click.argument("login", metavar="EMAIL")
@node_options
@pass_options
def remove_command(options: Options, login: str) -> None:
    """Remove the account of EMAIL; what was written and published stays."""
    from node.services.accounts import COMMAND, remove

    with options.node() as runtime:
        remove(runtime, COMMAND, _found(runtime, login))


@click.group("token")
def token_command() -> None:
    """Tokens by which programs publish on behalf of an account."""


@token_command.command("add")
@click.argument("login", metavar="EMAIL")
@click.option("--name", required=True, help="What the program is called.")
@click.option("--scope", "scopes", type=click.Choice(_SCOPES), multiple=True, required=True)
@click.option("--days", type=int, default=90, show_default=True)
@click.option("--origin", default="", help="DID of one origin only.")
@node_options
@json_option
@pass_options
def token_add_command(
    options: Options, /, login: str, name: str, scopes: tuple[str, ...], days: int, origin: str
) -> None:
    """Print a new token of EMAIL; it is shown only now."""
    from node.services.accounts import COMMAND, NewToken, new_token

    with options.node() as runtime:
        wanted = NewToken(name, scopes, days, origin)
        secret = new_token(runtime, COMMAND, _found(runtime, login), wanted)
    if options.json:
        print_json({"token": secret, "scopes": list(scopes)})
    else:
        put(secret)


@token_command.command("list")
@node_options
@json_option
@pass_options
def token_list_command(options: Options) -> None:
    """Print the tokens, without what only their programs know."""
    from node.services.accounts import accounts, keys

    with options.node() as runtime:
        logins = {one.id: one.login for one in accounts(runtime).list()}
        found = keys(runtime).tokens()
    if options.json:
        listed = [
            {
                "id": one.id,
                "login": logins[one.account],
                "name": one.name,
                "scopes": sorted(one.scopes),
                "origin": one.origin,
                "until": one.until.isoformat(),
                "used": one.used.isoformat() if one.used else None,
            }
            for one in found
        ]
        print_json({"tokens": listed})
        return
    for one in found:
        until = f"until {one.until:%Y-%m-%d}"
        scopes = " ".join(sorted(one.scopes))
        put(f"{one.id}  {logins[one.account]}  {one.name}  {scopes}  {until}")


@token_command.command("end")
@click.argument("number", type=int)
@node_options
@pass_options
def token_end_command(options: Options, number: int) -> None:
    """End the token with this NUMBER of the list."""
    from node.services.accounts import COMMAND, end_token

    with options.node() as runtime:
        end_token(runtime, COMMAND, number)
