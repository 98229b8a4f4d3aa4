//! `underpaint describe`, and depth as what a control follows, with tiny random networks.

#[path = "support/control_file.rs"]
mod control_file;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use underpaint::picture::read_parameters;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/example.png");

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A machine on which nothing else is found.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("folder"))
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
        command.args(words).env("HOME", self.at("home")).env("XDG_DATA_HOME", self.at("data"));
        command.env("XDG_CONFIG_HOME", self.at("config")).env("HF_HUB_CACHE", self.at("hub"));
        command.env("APPDATA", self.at("data")).env("USERPROFILE", self.at("home"));
        command.output().expect("the program starts")
    }

    fn said(&self, words: &[&str]) -> Vec<String> {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    fn refused(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?} should have failed");
        let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        assert_eq!(text.lines().count(), 1, "one sentence, not: {text}");
        text
    }
}

#[test]
fn pictures_are_described_on_a_line_each_by_the_network_that_is_named_or_found() {
    let desk = Desk::new();
    let captioner = fixture("captioner").to_string_lossy().into_owned();
    let lines = desk.said(&["describe", EXAMPLE, EXAMPLE, "--model", &captioner]);
    assert!(lines.len() == 2 && lines[0] == lines[1] && !lines[0].is_empty(), "{lines:?}");
    let missing = desk.refused(&["describe", EXAMPLE]);
    assert!(missing.contains("underpaint models fetch blip"), "{missing}");
    desk.said(&["models", "search-here", &captioner]);
    assert_eq!(desk.said(&["describe", EXAMPLE]), lines[..1]);

    let upscaler = fixture("upscaler.safetensors").to_string_lossy().into_owned();
    let other = desk.refused(&["describe", EXAMPLE, "--model", &upscaler]);
    assert!(other.contains("upscaler.safetensors") && other.contains("describes pictures"), "{other}");
    let gone = desk.refused(&["describe", "/no/such.png"]);
    assert!(gone.contains("such.png"), "{gone}");
    let said = desk.said(&["inspect", &format!("{captioner}/model.safetensors")]).join("\n");
    assert!(said.contains("BLIP"), "{said}");
}

#[test]
fn a_control_follows_depth_and_says_so_in_the_picture() {
    let desk = Desk::new();
    let control = desk.at("my-depth.safetensors");
    control_file::write_control(Path::new(&control));
    let follow = format!("model={control},preprocess=depth");
    let out = desk.at("out");
    let words = [
        "generate",
        "--prompt",
        "an apple",
        "--out",
        &out,
        "--dtype",
        "f32",
        "--width",
        "128",
        "--height",
        "128",
        "--steps",
        "4",
        "--seed",
        "3",
        "--batch",
        "1",
        "--cfg",
        "2",
        "--init",
        EXAMPLE,
        "--control",
        &follow,
    ];
    let missing = desk.refused_after_progress(&words);
    assert!(missing.contains("underpaint models fetch depth-anything-v2-small"), "{missing}");
    desk.said(&["models", "search-here", &fixture("depth").to_string_lossy()]);
    let files = desk.said(&words);
    let text = read_parameters(Path::new(&files[0])).expect("parameters");
    assert!(text.contains("Module: depth_anything_v2"), "{text}");
    // The picture itself as what is followed gives another one.
    let plain = format!("model={control},preprocess=none");
    let others = desk.said(&[&words[..words.len() - 1], &[plain.as_str()]].concat());
    assert_ne!(std::fs::read(&files[0]).expect("reads"), std::fs::read(&others[0]).expect("reads"));
}

impl Desk {
    /// The last line of a command that fails; progress may stand before it.
    fn refused_after_progress(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?} should have failed");
        let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        text.lines().last().unwrap_or_default().to_owned()
    }
}
