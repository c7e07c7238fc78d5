"""Email drafting (PersonaTrace, section 4): from what the ledger knows before a mail is written to the mail."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.datasets.home import Home, local, name, parties, speaker, spoken_time
from understudy.datasets.rows import Row, chat
from understudy.datasets.splits import Split
from understudy.language.voice_words import described
from understudy.model.records import Artifact
from understudy.ontology.attributes import attributes

SYSTEM = "You write e-mail for other people. Write the mail that the brief asks for: a line with the subject, an empty line, the text. Add nothing that it does not say."
HOW = {"stated": "say", "implied": "let it be seen", "told": "say of someone else", "past": "say that it was so once"}


def rows(home: Home, split: Split) -> Iterator[tuple[str, Row]]:
    """One row for each mail, with its split; a reply has the mail that it answers in its brief."""
    for mail in home.artifacts.values():
        if mail.kind != "email" or not mail.text:
            continue
        asked = brief(home, mail)
        answer = f"Subject: {mail.title}\n\n{mail.text}"
        label = "person" if mail.author in home.people else "organization"
        told = [r.fact or f"{r.event}:{r.detail}" for r in home.reveals.get(mail.id, ())]
        meta = {
            "id": mail.id, "label": label, "text": answer, "brief": asked, "author": mail.author, "to": parties(mail, "to", "cc"), "event": mail.event or "",
            "conveys": told, "reply_to": mail.reply_to or "", "noise": mail.noise,
        }  # fmt: skip
        yield split.of(home, mail.id), Row(chat(SYSTEM, asked, answer), meta)


def brief(home: Home, mail: Artifact) -> str:
    """Who writes to whom and how they know each other, what happened, what the mail has to convey, and how its author writes."""
    readers = parties(mail, "to", "cc")
    lines = [f"From: {_who(home, mail.author)}", f"To: {', '.join(name(home, r) for r in readers)}"]
    tie = home.ties.get((mail.author, readers[0])) if readers else None
    if tie:
        lines.append(f"They are: {name(home, tie.b)} is the author's {tie.kind}{f'; {tie.story}' if tie.story else ''}")
    lines.append(f"When: {spoken_time(home, mail.time)}")
    event = home.events.get(mail.event or "")
    if event:
        lines.append(f"What it is about: {event.title} ({spoken_time(home, event.starts)})")
    before = home.artifacts.get(mail.reply_to or "")
    if before:
        lines.append(f"It answers this mail:\n> {before.title}\n> " + before.text.replace("\n", "\n> "))
    else:
        lines.append(f"Subject in a few words: {mail.title}")
    conveys = list(dict.fromkeys(_conveyed(home, mail)))
    lines += ["It has to convey:", *conveys] if conveys else ["It has nothing particular to convey."]
    author = home.people.get(mail.author)
    if author:
        lines.append(f"How {author.given_name} writes: {described(speaker(author, local(home, mail.time)), 'mail')}")
    lines.append(f"Length: about {max(10, round(len(mail.text.split()), -1))} words")
    return "\n".join(lines)


def _who(home: Home, ident: str) -> str:
    if ident in home.people:
        person = home.people[ident]
        return f"{name(home, ident)}{f', {person.occupation}' if person.occupation else ''}"
    kind = home.organizations[ident].kind.replace("_", " ") if ident in home.organizations else "an organization"
    return f"{name(home, ident)} ({kind})"


def _conveyed(home: Home, mail: Artifact) -> Iterator[str]:
    """What the mail gives away, by the ledger: facts with whose they are, details of events with their names."""
    for reveal in home.reveals.get(mail.id, ()):
        fact, event = home.facts.get(reveal.fact or ""), home.events.get(reveal.event or "")
        if fact:
            known = attributes().get(fact.key)
            label = known.label if known else fact.key.split(".")[-1].replace("_", " ")
            whose = "the author" if fact.person == mail.author else name(home, fact.person)
            yield f"- {HOW.get(reveal.how, reveal.how)}: {whose}, {label}: {'not ' if fact.polarity == 'negative' else ''}{fact.value}"
        elif event and reveal.detail in event.details:
            yield f"- {str(reveal.detail).replace('_', ' ')}: {event.details[str(reveal.detail)]}"
