"""The pictures of an image post, and the film of a video post, as the composer's form names them."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.blocks import listed
from bot.form import FILES, MORE, Form
from grapevine.domain.posts import Image, Post, PostKind
from grapevine.networks.abilities import Filming, Several
from grapevine.networks.base import Network


def images_in(form: Form) -> tuple[Image, ...]:
    """Those from the member's device, the one at the address, and those that are named after it, one a line."""
    first = [Image(file.url, file=file.id) for file in form.files]
    first += [Image(form.url)] if form.url else []
    said = form.title.splitlines() if len(first) > 1 else [form.title]
    said += [""] * len(first)
    lines = (line.split(maxsplit=1) for line in form.more.splitlines())
    named = [Image(words[0], words[1].strip() if len(words) > 1 else "") for words in lines if words]
    return (
        *(replace(image, alt_text=" ".join(text.split())) for image, text in zip(first, said, strict=False)),
        *named,
    )


def shown_post(form: Form) -> Post:
    """The post of a form without errors; its title, by which the member knows it again, is the first description."""
    first, *more = images_in(form)
    name = next((file.name for file in form.files), "")
    if form.kind is PostKind.VIDEO:
        return Post(form.kind, first.url, form.title or name, file=first.file)
    return Post(form.kind, first.url, first.alt_text or name, "", first.alt_text, tuple(more), first.file)


def shown_errors(form: Form, networks: Mapping[str, Network], trouble: Callable[[str], str | None]) -> dict[str, str]:
    """What must be mended: block id → a sentence. *trouble* says what is wrong with an address."""
    if form.kind is PostKind.VIDEO:
        return _video_errors(form, networks, trouble)
    images = images_in(form)
    if not images:
        return {f"url:{form.revision}": "Please add a picture, or give its address."}
    if form.url and (said := trouble(form.url)):
        return {f"url:{form.revision}": said}
    for image in images:
        if not image.file and (said := trouble(image.url)):
            return {MORE: f"{image.url}: {said}"}
    few = []
    for name in form.networks:
        network = networks.get(name)
        most = network.most_pictures if isinstance(network, Several) else 1
        if network and len(images) > most:
            few.append(f"{network.title} takes {most}")
    if not few:
        return {}
    where = MORE if form.more else FILES
    return {where: f"{' and '.join(few)}; with these it would be {len(images)}. Please leave some out."}


def _video_errors(form: Form, networks: Mapping[str, Network], trouble: Callable[[str], str | None]) -> dict[str, str]:
    if bool(form.files) == bool(form.url):
        return {f"url:{form.revision}": "Please add a video from your device, or give its address: one of the two."}
    if form.url and (said := trouble(form.url)):
        return {f"url:{form.revision}": said}
    known = [networks[name] for name in form.networks if name in networks]
    mute = [network.title for network in known if not isinstance(network, Filming)]
    if mute:
        return {"networks": f"Grapevine shares no videos on {listed(mute)}. Please leave that out."}
    return {}
