//! `underpaint select`, on a network with made-up weights.

#[path = "support/segmenter_file.rs"]
mod segmenter_file;

use std::process::{Command, Output};

use image::{Rgb, RgbImage};
use underpaint::engine::Cancel;
use underpaint::picture::{encode_png, open};
use underpaint::vision::{ObjectPrompt, PromptBox, PromptPoint, Segmenter};

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("folder"));
        let picture = RgbImage::from_fn(120, 80, |x, y| Rgb([(x * 2) as u8, (y * 3) as u8, (x + y) as u8]));
        std::fs::write(desk.at("picture.png"), encode_png(&picture, None).expect("encodes")).expect("writes");
        desk
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
        // A data folder of its own, so that nothing else on this machine is found.
        command.env("XDG_DATA_HOME", self.at("data")).env("HOME", self.at("home")).args(words);
        command.output().expect("starts")
    }

    fn select(&self, more: &[&str]) -> Output {
        self.run(&[&["select", &self.at("picture.png")], more].concat())
    }
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success(), "it should have failed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_object_is_written_as_a_mask_of_the_pictures_size() {
    let desk = Desk::new();
    let model = desk.0.path().join("sam.safetensors");
    segmenter_file::write(&model);
    let (out, model_text) = (desk.at("mask.png"), desk.at("sam.safetensors"));
    let words =
        ["--at", "40,30", "--without", "100,70", "--box", "10,10,110,70", "--model", &model_text, "--out", &out];
    let made = desk.select(&words);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(String::from_utf8_lossy(&made.stdout).trim(), out);
    let segmenter = Segmenter::load(&model, &Cancel::default()).expect("loads");
    let picture = open(&desk.0.path().join("picture.png")).expect("opens");
    let embedding = segmenter.embed(&picture, &Cancel::default()).expect("embeds");
    let point = |x: f32, y: f32, is_inside: bool| PromptPoint { x, y, is_inside };
    let prompt = ObjectPrompt {
        points: vec![point(40.0, 30.0, true), point(100.0, 70.0, false)],
        area: Some(PromptBox { left: 10.0, top: 10.0, right: 110.0, bottom: 70.0 }),
    };
    let mask = segmenter.select(&embedding, &prompt, &Cancel::default()).expect("selects");
    let written = open(&desk.0.path().join("mask.png")).expect("opens");
    assert_eq!(written.dimensions(), (120, 80));
    assert!(written.pixels().zip(mask.pixels()).all(|(written, level)| written.0 == [level.0[0]; 3]));
    assert!(mask.pixels().any(|pixel| pixel.0[0] == 255) && mask.pixels().any(|pixel| pixel.0[0] == 0));
    let again = refusal(&desk.select(&words));
    assert!(again.contains("exists already"), "{again}");
}

#[test]
fn what_cannot_be_selected_is_said_in_one_sentence() {
    let desk = Desk::new();
    let (out, picture) = (desk.at("mask.png"), desk.at("picture.png"));
    let says = |more: &[&str], text: &str| {
        let told = refusal(&desk.select(&[more, &["--out", &out]].concat()));
        assert!(told.contains(text), "{told}");
    };
    says(&[], "Say what to select");
    says(&["--without", "3,3"], "nothing to select yet");
    says(&["--at", "120,3"], "outside the picture");
    says(&["--at", "3"], "X,Y");
    says(&["--box", "9,9,3,3"], "LEFT,TOP,RIGHT,BOTTOM");
    says(&["--at", "3,3"], "underpaint models fetch mobile-sam");
    says(&["--at", "3,3", "--model", "mobile-sam"], "underpaint models fetch mobile-sam");
    says(&["--at", "3,3", "--model", &picture], "picture.png");
    says(&["--at", "3,3", "--model", &desk.at("none.safetensors")], "There is no model to select with");
    let told = refusal(&desk.select(&["--at", "3,3", "--out", &desk.at("mask.jpg")]));
    assert!(told.contains("end it in .png"), "{told}");
    assert!(!std::path::Path::new(&out).exists());
}
