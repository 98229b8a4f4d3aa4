//! ControlNets on the command line, on the starter model.

#[path = "support/control_file.rs"]
mod control_file;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{Rgb, RgbImage};
use underpaint::engine::ControlSettings;
use underpaint::picture::{Fit, encode_png, fit, open, read_parameters};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/example.png");

/// A folder with a start picture, lines and a ControlNet.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("folder"));
        let example = open(Path::new(EXAMPLE)).expect("the example");
        desk.write("start.png", &fit(&example, 128, 128, Fit::Fill, [255; 3]));
        let is_line = |x: u32, y: u32| x.abs_diff(y) < 3 || (60..63).contains(&x);
        desk.write("lines.png", &RgbImage::from_fn(128, 128, |x, y| Rgb([if is_line(x, y) { 0 } else { 255 }; 3])));
        desk.write("wide.png", &RgbImage::from_fn(300, 90, |x, _| Rgb([if x % 40 < 3 { 0 } else { 255 }; 3])));
        control_file::write_control(Path::new(&desk.at("lines.safetensors")));
        desk
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn write(&self, name: &str, picture: &RgbImage) {
        std::fs::write(self.at(name), encode_png(picture, None).expect("encodes")).expect("writes");
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
        // A data folder of its own, so that nothing else on this machine is found.
        command.env("XDG_DATA_HOME", self.at("data")).env("HOME", self.at("home")).args(words);
        command.output().expect("starts")
    }

    /// A picture from the start picture, or another one that is named in `more`.
    fn generate(&self, more: &[&str]) -> Output {
        let out = self.at("out");
        let small = ["--width", "128", "--height", "128", "--steps", "4", "--seed", "3", "--batch", "1"];
        self.run(&[&["generate", "--prompt", "an apple", "--out", &out, "--dtype", "f32"], &small[..], more].concat())
    }

    fn with_start(&self, more: &[&str]) -> Output {
        self.generate(&[&["--init", &self.at("start.png")], more].concat())
    }

    /// `--control` with this file and what follows.
    fn control(&self, more: &str) -> String {
        format!("model={}{more}", self.at("lines.safetensors"))
    }
}

fn file(output: &Output) -> PathBuf {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8_lossy(&output.stdout).lines().next().expect("a file"))
}

fn picture(output: &Output) -> RgbImage {
    open(&file(output)).expect("a picture")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success(), "it should have failed");
    told(output)
}

#[test]
fn lines_change_the_picture_and_it_says_how_it_was_made() {
    let desk = Desk::new();
    let plain = picture(&desk.with_start(&[]));
    let control =
        desk.control(&format!(",image={},preprocess=invert,weight=0.9,end=0.7,mode=control", desk.at("lines.png")));
    let made = desk.with_start(&["--control", &control]);
    let text = read_parameters(&file(&made)).expect("settings");
    let lines = ControlSettings { model: desk.at("lines.safetensors").into(), ..ControlSettings::default() };
    let hash = lines.web_hash().expect("a hash");
    let value = format!(
        "ControlNet 0: \"Module: invert (from white bg & black line), Model: lines [{hash}], Weight: 0.9, Resize Mode: \
         Crop and Resize, Control Mode: ControlNet is more important, Guidance Start: 0, Guidance End: 0.7\", Version"
    );
    assert!(text.contains(&value), "{text}");
    assert!(picture(&made) != plain);
    let own = desk.control("");
    let followed = desk.with_start(&["--control", &own]);
    assert!(picture(&followed) != plain && picture(&followed) != picture(&made), "it follows the start picture");
    let both = picture(&desk.with_start(&["--control", &own, "--control", &control]));
    assert!(both != picture(&followed) && both != picture(&made), "two controls add up");
    let unweighted = picture(&desk.with_start(&["--control", &desk.control(",weight=0")]));
    assert!(unweighted == plain, "at weight 0 not a bit changes");
    let again = picture(&desk.with_start(&["--control", &control]));
    assert!(again == picture(&made), "the same request makes the same picture");
}

#[test]
fn it_works_from_noise_too_and_resizes_with_a_word() {
    let desk = Desk::new();
    let none = refusal(&desk.generate(&["--control", &desk.control("")]));
    assert!(none.contains("A control needs a picture to follow: add image=FILE"), "{none}");
    let plain = picture(&desk.generate(&[]));
    let made = desk.generate(&["--control", &desk.control(&format!(",image={}", desk.at("wide.png")))]);
    assert!(picture(&made) != plain);
    assert!(told(&made).contains("wide.png"), "it says that it was cut: {}", told(&made));
    // The start picture has no influence of its own here and is followed all the same.
    let ignored = picture(&desk.with_start(&["--strength", "1"]));
    assert!(ignored == plain);
    assert!(picture(&desk.with_start(&["--strength", "1", "--control", &desk.control("")])) != plain);
}

#[test]
fn a_saved_picture_is_made_again_with_its_control() {
    let desk = Desk::new();
    let made = file(&desk.with_start(&["--control", &desk.control(",preprocess=canny,weight=0.8"), "--with-start"]));
    let picture = made.to_string_lossy();
    let unknown = desk.run(&["reproduce", &picture, "--dtype", "f32"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(told(&unknown).contains("lines"), "{}", told(&unknown));
    // With the folder named, the file is found by its name.
    std::fs::create_dir(desk.at("models")).expect("folder");
    std::fs::copy(desk.at("lines.safetensors"), desk.0.path().join("models/lines.safetensors")).expect("copies");
    assert!(desk.run(&["models", "search-here", &desk.at("models")]).status.success());
    let same = desk.run(&["reproduce", &picture, "--dtype", "f32"]);
    assert_eq!(same.status.code(), Some(0), "{} {}", told(&same), String::from_utf8_lossy(&same.stdout));
    let listed = desk.run(&["models", "list", "--json"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("control_net"), "found as what it is");
    let again = desk.generate(&["--from", &picture, "--control", &desk.control(",preprocess=canny,weight=0.8")]);
    assert!(open(&file(&again)).expect("opens") == open(&made).expect("opens"));
}

#[test]
fn a_picture_is_made_larger_along_the_lines_that_it_followed() {
    let desk = Desk::new();
    std::fs::create_dir(desk.at("models")).expect("folder");
    std::fs::copy(desk.at("lines.safetensors"), desk.0.path().join("models/lines.safetensors")).expect("copies");
    assert!(desk.run(&["models", "search-here", &desk.at("models")]).status.success());
    let words = desk.control(",preprocess=canny,weight=2");
    let made = file(&desk.with_start(&["--control", &words, "--with-start"]));
    let upscale = |picture: &Path, more: &[&str]| {
        let (picture, out) = (picture.to_string_lossy().into_owned(), desk.at("large"));
        let few = ["--scale", "1.5", "--overlap", "32", "--strength", "0.5", "--dtype", "f32"];
        desk.run(&[&["upscale", &picture, "--out", &out], &few[..], more].concat())
    };
    let large = upscale(&made, &[]);
    assert!(!told(&large).contains("does not hold"), "{}", told(&large));
    assert!(
        read_parameters(&file(&large)).is_some_and(|text| text.contains("ControlNet 0: \"Module: canny, Model: lines"))
    );
    let given = format!("{words},image={}", desk.at("start.png"));
    assert!(picture(&large) == picture(&upscale(&made, &["--control", &given])), "it follows the start image inside");
    let by_itself = picture(&upscale(&made, &["--control", &words]));
    assert!(picture(&large) != by_itself, "which is not the picture");
    // Without the start image in the file there is only the picture.
    let bare = file(&desk.with_start(&["--control", &words]));
    let large = upscale(&bare, &[]);
    assert!(told(&large).contains("does not hold what its ControlNets followed"), "{}", told(&large));
    assert!(picture(&large) == by_itself);
}

#[test]
fn what_the_file_is_is_said_and_what_cannot_be_used_is_refused_in_one_sentence() {
    let desk = Desk::new();
    let inspected = desk.run(&["inspect", "--json", &desk.at("lines.safetensors")]);
    let report: serde_json::Value = serde_json::from_slice(&inspected.stdout).expect("JSON");
    assert_eq!((&report["kind"], &report["usable"]), (&"control_net".into(), &true.into()));
    assert!(report["sentence"].as_str().expect("text").contains("use it with --control model=PATH"));
    for (control, says) in [
        (format!("model={}", desk.at("start.png")), "start.png"),
        (format!("model={}", desk.at("none.safetensors")), "There is no ControlNet at"),
        ("model=nothing-like-it".into(), "There is no model called nothing-like-it here"),
        ("model=controlnet-lineart".into(), "underpaint models fetch controlnet-lineart"),
        (desk.control(&format!(",image={}", desk.at("none.png"))), "none.png"),
        (desk.control(",weight=7"), "must lie between 0 and 2"),
        (desk.control(",preprocess=pose"), "none, invert, threshold, xdog, lineart, canny"),
        (desk.control(",preprocess=depth"), "underpaint models fetch depth-anything-v2-small"),
    ] {
        let text = refusal(&desk.with_start(&["--control", &control]));
        assert!(text.contains(says), "{control}: {text}");
    }
    let as_model = refusal(&desk.with_start(&["--model", &desk.at("lines.safetensors")]));
    assert!(as_model.contains("is a ControlNet") && as_model.contains("--control model=FILE"), "{as_model}");
}
