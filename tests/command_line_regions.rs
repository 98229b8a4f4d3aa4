//! `underpaint generate --region`, on the starter model.

use std::path::PathBuf;
use std::process::{Command, Output};

use image::{Rgb, RgbImage};
use underpaint::picture::{encode_png, open, read_parameters};

/// A folder with masks.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("folder"));
        let mask =
            |is_white: fn(u32) -> bool| RgbImage::from_fn(64, 64, |x, _| Rgb([if is_white(x) { 255 } else { 0 }; 3]));
        for (name, is_white) in
            [("left.png", (|x| x < 32) as fn(u32) -> bool), ("right.png", |x| x >= 32), ("none.png", |_| false)]
        {
            std::fs::write(desk.at(name), encode_png(&mask(is_white), None).expect("encodes")).expect("writes");
        }
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

    fn generate(&self, more: &[&str]) -> Output {
        let out = self.at("out");
        let small = [
            "--width", "128", "--height", "128", "--steps", "4", "--cfg", "1.5", "--seed", "3", "--batch", "1",
            "--dtype", "f32",
        ];
        self.run(&[&["generate", "--prompt", "photo of a red apple", "--out", &out], &small[..], more].concat())
    }

    fn region(&self, mask: &str, prompt: &str) -> String {
        format!("mask={},prompt={prompt}", self.at(mask))
    }
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn file(output: &Output) -> PathBuf {
    assert!(output.status.success(), "{}", told(output));
    PathBuf::from(String::from_utf8_lossy(&output.stdout).lines().next().expect("a file"))
}

/// How far two pictures are apart in the left and in the right half, on average.
fn apart(one: &RgbImage, other: &RgbImage) -> (f64, f64) {
    let half = |from: u32| {
        let pixels = (0..128u32).flat_map(|y| (from..from + 64).map(move |x| (x, y)));
        let far = |(x, y): (u32, u32)| -> u32 {
            let (one, other) = (one.get_pixel(x, y).0, other.get_pixel(x, y).0);
            one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b))).sum()
        };
        f64::from(pixels.map(far).sum::<u32>()) / (3.0 * 64.0 * 128.0)
    };
    (half(0), half(64))
}

#[test]
fn each_region_follows_its_own_prompt() {
    let desk = Desk::new();
    let plain = open(&file(&desk.generate(&[]))).expect("a picture");
    let (left, right) = (
        desk.region("left.png", "photo of an apple, dramatic lighting"),
        desk.region("right.png", "photo of a green apple, dramatic lighting"),
    );
    let one = desk.generate(&["--region", &left]);
    let picture = open(&file(&one)).expect("a picture");
    let (in_region, elsewhere) = apart(&picture, &plain);
    assert!(in_region > elsewhere, "{in_region} {elsewhere}");
    let text = read_parameters(&file(&one)).expect("settings");
    assert!(text.contains("Region 1: \"photo of an apple, dramatic lighting\""), "{text}");
    let both = open(&file(&desk.generate(&["--region", &left, "--region", &right]))).expect("a picture");
    let (in_first, in_second) = apart(&both, &picture);
    assert!(in_second > in_first, "{in_first} {in_second}");
}

#[test]
fn a_region_that_covers_nothing_is_told_and_one_that_cannot_be_read_is_refused() {
    let desk = Desk::new();
    let nothing = desk.generate(&["--region", &desk.region("none.png", "a pear")]);
    assert!(told(&nothing).contains("The region \"a pear\" covers nothing"), "{}", told(&nothing));
    let plain = open(&file(&desk.generate(&[]))).expect("a picture");
    assert_eq!(open(&file(&nothing)).expect("a picture"), plain);
    for (region, says) in [
        (desk.region("missing.png", "a pear"), "missing.png"),
        ("mask=x.png".to_owned(), "mask=PNG,prompt=TEXT"),
        (desk.region("left.png", "a pear AND a plum"), "cannot join prompts with AND"),
    ] {
        let refused = desk.generate(&["--region", &region]);
        assert!(!refused.status.success() && told(&refused).contains(says), "{}", told(&refused));
    }
}

#[test]
fn a_saved_picture_says_where_its_regions_lie_and_is_made_again_with_them() {
    let desk = Desk::new();
    let (left, right) = (
        desk.region("left.png", "photo of an apple, dramatic lighting"),
        desk.region("right.png", "photo of a green apple, dramatic lighting"),
    );
    let made = file(&desk.generate(&["--region", &left, "--region", &right]));
    let picture = made.to_string_lossy();
    let again = desk.run(&["reproduce", &picture, "--dtype", "f32"]);
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(again.status.success() && !said.contains("Region"), "{said} {}", told(&again));
    let inspected = desk.run(&["inspect", "--json", &picture]);
    let inspected = String::from_utf8_lossy(&inspected.stdout).into_owned();
    assert!(inspected.contains("a green apple") && !inspected.contains("where it lies"), "{inspected}");
    let from = file(&desk.run(&["generate", "--from", &picture, "--out", &desk.at("from"), "--dtype", "f32"]));
    assert_eq!(open(&from).expect("a picture"), open(&made).expect("a picture"));
    // A file without the masks: the prompts alone do not say where.
    let bare = desk.at("bare.png");
    let text = read_parameters(&made).expect("settings");
    std::fs::write(&bare, encode_png(&open(&made).expect("a picture"), Some(&text)).expect("encodes")).expect("writes");
    let from = desk.run(&["generate", "--from", &bare, "--out", &desk.at("bare"), "--dtype", "f32"]);
    assert!(told(&from).contains("where it lies is not in the file"), "{}", told(&from));
    assert_ne!(open(&file(&from)).expect("a picture"), open(&made).expect("a picture"));
}

/// A picture of two halves, of which only the left one has a region, and the same file without the masks.
fn made_with_region(desk: &Desk) -> (PathBuf, String) {
    let mask = RgbImage::from_fn(128, 128, |x, _| Rgb([if x < 64 { 255 } else { 0 }; 3]));
    std::fs::write(desk.at("half.png"), encode_png(&mask, None).expect("encodes")).expect("writes");
    let made =
        file(&desk.generate(&["--region", &desk.region("half.png", "photo of a green apple, dramatic lighting")]));
    let (picture, text) = (open(&made).expect("a picture"), read_parameters(&made).expect("settings"));
    let bare = desk.at("bare.png");
    std::fs::write(&bare, encode_png(&picture, Some(&text)).expect("encodes")).expect("writes");
    (made, bare)
}

#[test]
fn a_second_pass_follows_regions_in_the_tiles_that_they_lie_in() {
    let desk = Desk::new();
    let (made, bare) = made_with_region(&desk);
    let upscale = |picture: &str, out: &str| {
        let few = [
            "--scale",
            "1",
            "--tile",
            "64",
            "--overlap",
            "0",
            "--strength",
            "0.6",
            "--steps",
            "4",
            "--dtype",
            "f32",
            "--with-start",
        ];
        file(&desk.run(&[&["upscale", picture, "--out", &desk.at(out)], &few[..]].concat()))
    };
    let large = upscale(&made.to_string_lossy(), "large");
    let (with, without) = (open(&large).expect("a picture"), open(&upscale(&bare, "none")).expect("a picture"));
    let (in_region, elsewhere) = apart(&with, &without);
    assert!(in_region > 0.5, "{in_region}");
    assert!(elsewhere == 0.0, "tiles without the region are as they were: {elsewhere}");
    let text = read_parameters(&large).expect("settings");
    assert!(text.contains("Region 1: \"photo of a green apple, dramatic lighting\""), "{text}");
    let again = desk.run(&["reproduce", &large.to_string_lossy(), "--dtype", "f32"]);
    assert!(again.status.success(), "{} {}", String::from_utf8_lossy(&again.stdout), told(&again));
}

#[test]
fn a_variation_of_a_saved_picture_has_its_regions() {
    let desk = Desk::new();
    let (made, bare) = made_with_region(&desk);
    let vary = |picture: &str, strength: &str, out: &str| {
        let how = ["--variation-seed", "9", "--variation-strength", strength, "--batch", "1", "--dtype", "f32"];
        open(&file(&desk.run(&[&["generate", "--vary", picture, "--out", &desk.at(out)], &how[..]].concat())))
            .expect("a picture")
    };
    let name = made.to_string_lossy();
    let picture = open(&made).expect("a picture");
    assert!(vary(&name, "0", "same") == picture, "a variation of nothing is the picture");
    assert!(vary(&bare, "0", "bare") != picture, "without the masks it is another one");
    let (varied, plain) = (vary(&name, "0.2", "varied"), vary(&bare, "0.2", "plain"));
    let (in_region, elsewhere) = apart(&varied, &plain);
    assert!(varied != picture && in_region > elsewhere, "{in_region} {elsewhere}");
    let whole = desk.at("whole.png");
    std::fs::write(&whole, encode_png(&RgbImage::from_pixel(64, 64, Rgb([255; 3])), None).expect("encodes"))
        .expect("writes");
    let own = desk.region("whole.png", "a wooden table");
    let given = file(&desk.run(&[
        "generate",
        "--vary",
        &name,
        "--region",
        &own,
        "--variation-seed",
        "9",
        "--batch",
        "1",
        "--dtype",
        "f32",
        "--out",
        &desk.at("given"),
    ]));
    let text = read_parameters(&given).expect("settings");
    assert!(text.contains("Region 1: a wooden table") && !text.contains("green apple"), "what is given counts: {text}");
}
