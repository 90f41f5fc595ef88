# SPDX-License-Identifier: Apache-2.0
"""What an image asks for, what the user changes of it, and how the words travel."""

from harness import images
from harness.boot import boot

PATH = "/bin:/sbin"


def test_settings_of_the_image(registry, tmp_path):
    layout = images.variant("probe", tmp_path, user="alice", entrypoint=["facts"],
                            cmd=["one", "two words"], workingdir="/made/by/berth")
    result = boot(registry.push(layout, "settings"))
    assert result.status == 0, result
    facts = result.facts("settings")
    assert facts["user"] == "1000:1000"
    assert set(facts["groups"].split()) == {"1000", "29", "50"}
    assert facts["directory"] == "/made/by/berth"
    assert facts["home"] == "/home/alice"
    assert facts["path"] == PATH
    assert facts["arguments"] == "2:one two words"
    assert facts["environment"] == "FROM_IMAGE=image value;"
    assert "writable" not in facts  # alice may not write in /
    assert facts["CapEff"].strip("0") == ""
    assert facts["end"] == "yes"


def test_settings_of_the_user(registry, tmp_path):
    layout = images.variant("probe", tmp_path, user="alice", entrypoint=["/none"], cmd=["a"])
    result = boot("-e", "A_QUOTED=it's \"quoted\" \\ and = spaced", "-e", "B_EMPTY=",
                  "-e", "FROM_IMAGE=changed", "--user", "33:staff", "--workdir", "/tmp",
                  "--entrypoint", "facts", "--hostname", "box", "--name", "renamed",
                  registry.push(layout, "settings"), "x y", "", "z\"'")
    assert result.status == 0, result
    facts = result.facts("renamed")
    assert facts["environment"] == \
        "A_QUOTED=it's \"quoted\" \\ and = spaced;B_EMPTY=;FROM_IMAGE=changed;"
    assert facts["user"] == "33:50"
    assert facts["groups"] == "50"
    assert facts["directory"] == "/tmp"
    assert facts["home"] == "/var/www"
    assert facts["arguments"] == "3:x y  z\"'"
    assert result.container["name"] == "renamed"


def test_user_that_the_image_does_not_have(image):
    result = boot("--user", "carol", image("probe"), "facts")
    assert result.status == 125, result
    assert "carol" in result.report["reason"]
    assert len(result.errors) == 1, result


def test_output_is_named_and_complete(image):
    """Standard error is told apart; 3,000 lines at once and an unfinished last one all arrive."""
    result = boot(image("probe"), "sh", "-c", "echo apart >&2; probe burst 3000")
    assert result.status == 0, result
    assert result.output("probe", "!") == ["apart"]
    lines = result.output("probe")
    assert lines == [f"line {i}" for i in range(1, 3001)] + ["last line without an end"]
