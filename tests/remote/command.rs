//! `underpaint generate --engine`.

use std::path::Path;
use std::process::{Command, Output};

use underpaint::picture::{open, read_parameters};

use crate::fake_server::FakeServer;
use crate::harness::TestServer;

fn generate(out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    command.args(["generate", "--prompt", "a green apple", "--width", "64", "--height", "64", "--steps", "3"]);
    command.args(["--seed", "9", "--cfg", "6", "--sampler", "euler-a", "--batch", "2", "--out"]).arg(out).args(more);
    command.output().expect("the program starts")
}

fn files(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn pictures_of_a_server_are_written_like_others_and_say_who_made_them() {
    let server = TestServer::start(&["--api-auth", "anna:secret"]);
    let folder = tempfile::tempdir().expect("folder");
    let login = folder.path().join("login");
    std::fs::write(&login, "anna:secret\n").expect("written");
    let engine = ["--engine", &server.address, "--engine-auth", login.to_str().expect("UTF-8")];
    let far = files(&generate(&folder.path().join("far"), &engine));
    let near = files(&generate(&folder.path().join("near"), &[]));
    assert_eq!((far.len(), near.len()), (2, 2));
    for (far, near) in far.iter().zip(&near) {
        assert!(open(Path::new(far)).expect("a picture") == open(Path::new(near)).expect("a picture"));
        let text = read_parameters(Path::new(far)).expect("settings");
        assert!(
            text.contains("Model: starter")
                && text.contains("Version: underpaint")
                && text.contains("through underpaint"),
            "{text}"
        );
        assert!(!text.contains("secret") && !text.contains("127.0.0.1"), "{text}");
    }
    let failure = |more: &[&str]| {
        let output = generate(&folder.path().join("none"), more);
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).trim().to_owned()
    };
    let text = failure(&engine[..2]);
    assert!(text.contains("needs a name and a password") && text.lines().count() == 1, "{text}");
    assert!(failure(&[&engine[..], &["--threads", "2"]].concat()).contains("--threads counts for pictures"));
    assert!(
        failure(&[&engine[..], &["--model", "dream"]].concat()).contains("has no model called dream; it has starter")
    );
    assert!(failure(&["--engine", "127.0.0.1:1"]).contains("refuses the connection"));
    assert!(failure(&["--engine", "http://anna:secret@host"]).contains("Leave name and password out"));
}

#[test]
fn without_a_model_the_one_in_use_there_is_meant() {
    let server = FakeServer::web_ui(|_, _| None);
    let folder = tempfile::tempdir().expect("folder");
    let written = files(&generate(folder.path(), &["--engine", server.host()]));
    let text = read_parameters(Path::new(&written[0])).expect("settings");
    assert!(text.contains("Model hash: 879db523c3, Model: dream"), "{text}");
}
