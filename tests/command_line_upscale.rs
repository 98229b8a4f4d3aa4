//! `underpaint upscale`, on the starter model.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{RgbImage, imageops};
use underpaint::picture::{Fit, encode_png, fit, open, read_parameters};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/example.png");

/// A folder with a picture that says how it was made.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("folder"));
        let example = open(Path::new(EXAMPLE)).expect("the example");
        let text = "an apple\nNegative prompt: fog\nSteps: 6, Sampler: Euler, Schedule type: Karras, CFG scale: 5, Seed: 11, \
                    Size: 128x128, Model: starter, Denoising strength: 0.6, Version: underpaint 0.1";
        desk.write("made.png", &fit(&example, 128, 128, Fit::Fill, [255; 3]), Some(text));
        desk.write("plain.png", &fit(&example, 96, 64, Fit::Fill, [255; 3]), None);
        desk
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn write(&self, name: &str, picture: &RgbImage, text: Option<&str>) {
        std::fs::write(self.at(name), encode_png(picture, text).expect("encodes")).expect("writes");
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
        // A data folder of its own, so that nothing else on this machine is found.
        command.env("XDG_DATA_HOME", self.at("data")).env("HOME", self.at("home")).args(words);
        command.output().expect("starts")
    }

    fn upscale(&self, picture: &str, more: &[&str]) -> Output {
        let (picture, out) = (self.at(picture), self.at("out"));
        self.run(&[&["upscale", &picture, "--out", &out, "--dtype", "f32"], more].concat())
    }
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn file(output: &Output) -> PathBuf {
    assert!(output.status.success(), "{}", told(output));
    PathBuf::from(String::from_utf8_lossy(&output.stdout).lines().next().expect("a file"))
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success(), "it should have failed");
    told(output)
}

#[test]
fn a_picture_is_enlarged_with_its_own_settings_and_says_so() {
    let desk = Desk::new();
    let output = desk.upscale("made.png", &["--overlap", "32", "--with-start"]);
    let path = file(&output);
    let picture = open(&path).expect("a picture");
    assert_eq!(picture.dimensions(), (256, 256));
    assert!(told(&output).contains("tile 9 of 9, step 2 of 2"), "{}", told(&output));
    let text = read_parameters(&path).expect("its settings");
    for part in [
        "an apple\nNegative prompt: fog\nSteps: 6, Sampler: Euler, Schedule type: Karras, CFG scale: 5, Seed: 11, Size: 128x128",
        "Denoising strength: 0.3, SD upscale overlap: 32, SD upscale upscaler: Lanczos, SD upscale scale factor: 2",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let inspected = desk.run(&["inspect", &path.to_string_lossy()]);
    let inspected = String::from_utf8_lossy(&inspected.stdout).into_owned();
    assert!(inspected.contains("SD upscale overlap: 32") && !inspected.contains("not taken over"), "{inspected}");
    // All of its tiles are estimated, not one.
    let estimate = |words: &[&str]| {
        let output = desk.run(&[words, &["--estimate", "--json", "--dtype", "f32"]].concat());
        assert!(output.status.success(), "{}", told(&output));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")["evaluations"].as_u64()
    };
    let again = estimate(&["generate", "--from", &path.to_string_lossy()]);
    let upscaled = estimate(&["upscale", &desk.at("made.png"), "--overlap", "32"]);
    assert_eq!((again, upscaled), (Some(9 * 4), Some(9 * 4)), "nine tiles, two steps, each guided");
    // The same again, to the bit, by each way of making a picture again.
    let again = desk.run(&["reproduce", &path.to_string_lossy(), "--dtype", "f32"]);
    assert!(again.status.success(), "{}{}", String::from_utf8_lossy(&again.stdout), told(&again));
    let from = desk.run(&["generate", "--from", &path.to_string_lossy(), "--out", &desk.at("from"), "--dtype", "f32"]);
    assert_eq!(open(&file(&from)).expect("a picture"), picture);
    // It counts as what the next one is made from.
    let next = desk.upscale("made.png", &["--overlap", "32", "--seed", "12"]);
    assert_ne!(open(&file(&next)).expect("a picture"), picture);
}

#[test]
fn tiles_count_their_seeds_up_and_are_those_that_img2img_makes() {
    let desk = Desk::new();
    let path = file(&desk.upscale("made.png", &["--scale", "1.5", "--overlap", "64", "--strength", "0.5"]));
    let made = open(&path).expect("a picture");
    assert_eq!(made.dimensions(), (192, 192));
    // Tiles begin at 0 and 64; what only the first and only the last one cover is theirs alone.
    for (seed, (x, y), (kept_x, kept_y)) in [("11", (0, 0), (0, 0)), ("14", (64, 64), (64, 64))] {
        let example = open(Path::new(&desk.at("made.png"))).expect("the picture");
        let large = imageops::resize(&example, 192, 192, imageops::FilterType::Lanczos3);
        let tile = imageops::crop_imm(&large, x, y, 128, 128).to_image();
        desk.write("tile.png", &tile, None);
        let words = [
            "generate",
            "--prompt",
            "an apple",
            "--negative",
            "fog",
            "--steps",
            "6",
            "--sampler",
            "euler-karras",
            "--cfg",
            "5",
            "--strength",
            "0.5",
            "--width",
            "128",
            "--height",
            "128",
            "--batch",
            "1",
            "--dtype",
            "f32",
            "--seed",
            seed,
        ];
        let (tile, out) = (desk.at("tile.png"), desk.at("tiles"));
        let alone =
            open(&file(&desk.run(&[&words[..], &["--init", &tile, "--out", &out]].concat()))).expect("a picture");
        // The filter of another library differs by a level here and there, and so may the results a little.
        let mut far = 0;
        for (dx, dy) in (0..64).flat_map(|dx| (0..64).map(move |dy| (dx, dy))) {
            let ours = made.get_pixel(x + kept_x + dx, y + kept_y + dy).0;
            let theirs = alone.get_pixel(kept_x + dx, kept_y + dy).0;
            far = far.max(ours.into_iter().zip(theirs).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0));
        }
        assert!(far < 12, "seed {seed}: {far}");
    }
}

#[test]
fn strength_0_gives_the_enlarged_picture_back_as_far_as_the_autoencoder_can() {
    let desk = Desk::new();
    let path = file(&desk.upscale("made.png", &["--overlap", "64", "--strength", "0", "--cfg", "1.5"]));
    let made = open(&path).expect("a picture");
    let start = open(Path::new(&desk.at("made.png"))).expect("the picture");
    let large = imageops::resize(&start, 256, 256, imageops::FilterType::Lanczos3);
    let mean = |one: &RgbImage, other: &RgbImage| {
        let sum: u64 = one.as_raw().iter().zip(other.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / one.as_raw().len() as f64
    };
    // What the four tiles that make up the picture lose alone: to the autoencoder, and to the UNet's one step at strength 0.
    let words = [
        "--prompt",
        "an apple",
        "--negative",
        "fog",
        "--steps",
        "6",
        "--sampler",
        "euler-karras",
        "--cfg",
        "1.5",
        "--width",
        "128",
        "--height",
        "128",
        "--batch",
        "1",
        "--strength",
        "0",
        "--dtype",
        "f32",
        "--seed",
        "11",
    ];
    let (tile_file, out) = (desk.at("tile.png"), desk.at("whole"));
    let alone = |x: u32, y: u32| {
        let tile = imageops::crop_imm(&large, x, y, 128, 128).to_image();
        desk.write("tile.png", &tile, None);
        let passed = desk.run(&[&["generate", "--init", &tile_file, "--out", &out], &words[..]].concat());
        mean(&open(&file(&passed)).expect("a picture"), &tile)
    };
    let lost = (alone(0, 0) + alone(128, 0) + alone(0, 128) + alone(128, 128)) / 4.0;
    assert!(mean(&made, &large) < lost + 1.0, "{} {lost}", mean(&made, &large));
    // No line where tiles meet: neighbouring columns differ there as much as elsewhere.
    let step = |x: u32| -> f64 {
        let column = |x: u32| (0..256).map(move |y| (x, y));
        let differences = column(x).zip(column(x + 1)).map(|((a, y), (b, _))| {
            let grey = |x| made.get_pixel(x, y).0.iter().map(|level| f64::from(*level)).sum::<f64>();
            let soft = |x| large.get_pixel(x, y).0.iter().map(|level| f64::from(*level)).sum::<f64>();
            ((grey(a) - grey(b)) - (soft(a) - soft(b))).abs()
        });
        differences.sum::<f64>() / 256.0
    };
    let usual = (0..255).map(step).sum::<f64>() / 255.0;
    for seam in [63, 64, 127, 128, 191, 192] {
        assert!(step(seam) < 3.0 * usual + 3.0, "column {seam}: {} {usual}", step(seam));
    }
}

#[test]
fn what_it_would_take_is_said_and_what_cannot_be_done_is_refused() {
    let desk = Desk::new();
    let made = desk.at("made.png");
    let estimate = desk.run(&["upscale", &made, "--estimate", "--scale", "2"]);
    let text = String::from_utf8_lossy(&estimate.stdout).into_owned();
    assert!(text.starts_with("about ") && text.contains("256 by 256 pixels in 9 tiles of 128 by 128"), "{text}");
    assert!(refusal(&desk.upscale("made.png", &["--scale", "5"])).contains("between 1 and 4"));
    assert!(refusal(&desk.upscale("made.png", &["--overlap", "90"])).contains("between 0 and 64"));
    assert!(refusal(&desk.upscale("none.png", &[])).contains("none.png"));
    assert!(refusal(&desk.upscale("made.png", &["--upscaler", "/nowhere/4x.pth"])).contains("no upscaler at /nowhere"));
    assert!(
        refusal(&desk.upscale("made.png", &["--upscaler", "4x-UltraSharp"])).contains("no model called 4x-UltraSharp")
    );
    assert!(refusal(&desk.run(&["upscale", &made])).contains("--out DIR"));
    let plain = desk.upscale("plain.png", &["--scale", "1", "--strength", "0.2", "--steps", "2"]);
    assert_eq!(open(&file(&plain)).expect("a picture").dimensions(), (96, 64));
    assert!(told(&plain).contains("--prompt gives one"), "{}", told(&plain));
}

#[test]
fn the_picture_may_be_enlarged_by_a_network() {
    let desk = Desk::new();
    let network = desk.at("tiny.safetensors");
    let shape = |name: &str, shape: &[usize]| {
        let values = (0..shape.iter().product()).map(|i: usize| ((i * 7919 % 101) as f32 - 50.0) * 4e-3).collect();
        let tensor = candle_core::Tensor::from_vec::<_, f32>(values, shape, &candle_core::Device::Cpu).expect("tensor");
        (name.to_owned(), tensor)
    };
    let tensors = std::collections::HashMap::from([
        shape("body.0.weight", &[8, 3, 3, 3]),
        shape("body.0.bias", &[8]),
        shape("body.1.weight", &[8]),
        shape("body.2.weight", &[12, 8, 3, 3]),
        shape("body.2.bias", &[12]),
    ]);
    candle_core::safetensors::save(&tensors, &network).expect("writes");
    let inspected = desk.run(&["inspect", &network]);
    let inspected = String::from_utf8_lossy(&inspected.stdout).into_owned();
    assert!(inspected.contains("is an upscaler (compact Real-ESRGAN, 2 times"), "{inspected}");
    let few = ["--strength", "0.2", "--steps", "2", "--overlap", "16"];
    let path = file(&desk.upscale("made.png", &[&["--upscaler", &network], &few[..]].concat()));
    let text = read_parameters(&path).expect("its settings");
    assert!(text.contains("SD upscale upscaler: tiny,"), "{text}");
    let plain = file(&desk.upscale("made.png", &few));
    assert_ne!(open(&path).expect("a picture"), open(&plain).expect("a picture"));
}
