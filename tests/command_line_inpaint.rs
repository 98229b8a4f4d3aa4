//! Repainting a part of a picture on the command line, on the starter model.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use underpaint::picture::{Fit, encode_png, encode_png_with_alpha, fit, open, read_parameters};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/example.png");

/// How far the usual blur of 4 pixels reaches.
const REACH: u32 = 10;

/// A folder with a start picture and masks.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(width: u32, height: u32) -> Self {
        let desk = Self(tempfile::tempdir().expect("folder"));
        let example = open(Path::new(EXAMPLE)).expect("the example");
        desk.write("start.png", &fit(&example, width, height, Fit::Fill, [255; 3]));
        desk.mask("mask.png", width, height, |x, y| x < width / 3 && y < height / 2);
        desk
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn write(&self, name: &str, picture: &RgbImage) {
        std::fs::write(self.at(name), encode_png(picture, None).expect("encodes")).expect("writes");
    }

    fn mask(&self, name: &str, width: u32, height: u32, is_white: impl Fn(u32, u32) -> bool) {
        let level = |x, y| if is_white(x, y) { 255 } else { 0 };
        self.write(name, &RgbImage::from_fn(width, height, |x, y| Rgb([level(x, y); 3])));
    }

    fn start(&self) -> RgbImage {
        open(Path::new(&self.at("start.png"))).expect("the start picture")
    }

    /// A job as small as can be from the start picture.
    fn generate(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
        command.args(["generate", "--steps", "4", "--prompt", "an apple", "--seed", "3", "--batch", "1"]);
        command.args(["--init", &self.at("start.png"), "--out", &self.at("out")]).args(more);
        command.output().expect("starts")
    }

    fn small(&self, more: &[&str]) -> Output {
        self.generate(&[&["--width", "64", "--height", "64"], more].concat())
    }
}

fn file(output: &Output) -> PathBuf {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8_lossy(&output.stdout).lines().next().expect("a file"))
}

fn picture(output: &Output) -> RgbImage {
    open(&file(output)).expect("a picture")
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success(), "it should have failed");
    words(output)
}

/// How many pixels inside and outside a mask, blurred by the usual amount, differ between two pictures.
fn differing(one: &RgbImage, other: &RgbImage, mask: &GrayImage) -> (usize, usize) {
    assert_eq!(one.dimensions(), other.dimensions());
    let near = |x: u32, y: u32| {
        let (across, down) = (x.saturating_sub(REACH)..=x + REACH, y.saturating_sub(REACH)..=y + REACH);
        across.into_iter().any(|x| down.clone().any(|y| mask.get_pixel_checked(x, y).is_some_and(|p| p.0[0] > 0)))
    };
    let (mut inside, mut outside) = (0, 0);
    for (x, y, _) in one.enumerate_pixels().filter(|(x, y, pixel)| *pixel != other.get_pixel(*x, *y)) {
        *(if near(x, y) { &mut inside } else { &mut outside }) += 1;
    }
    (inside, outside)
}

fn grey(desk: &Desk, name: &str) -> GrayImage {
    image::imageops::grayscale(&open(Path::new(&desk.at(name))).expect("a mask"))
}

#[test]
fn what_is_not_masked_is_kept_to_the_bit_and_the_picture_is_made_again_from_its_file() {
    let desk = Desk::new(64, 64);
    let mask = desk.at("mask.png");
    let run = |more: &[&str]| desk.small(&[&["--mask", &mask, "--with-start"], more].concat());
    for (more, said) in [
        (vec!["--mask-blur", "4"], "Denoising strength: 0.4, Mask blur: 4, Version"),
        (vec!["--mask-content", "latent-noise"], "Mask blur: 4, Masked content: latent noise, Version"),
        (
            vec!["--soft-inpainting", "--sampler", "ddim"],
            "Mask blur: 4, Soft inpainting enabled: True, Soft inpainting method: Differential diffusion",
        ),
    ] {
        let output = run(&more);
        let path = file(&output);
        let text = read_parameters(&path).expect("parameters");
        assert!(text.contains(said), "{text} lacks {said}");
        let (inside, outside) = differing(&open(&path).expect("a picture"), &desk.start(), &grey(&desk, "mask.png"));
        assert!(inside > 200 && outside == 0, "{said}: {inside} and {outside}");
        let again = |more: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
            command.arg("reproduce").arg(&path).args(more).output().expect("starts")
        };
        let same = again(&["--mask", &mask, "--threads", "1"]);
        assert!(String::from_utf8_lossy(&same.stdout).contains("comes out the same again"), "{same:?}");
        assert!(refusal(&again(&[])).contains("without its mask"));
    }
    let path = file(&run(&["--mask-blur", "2"]));
    let told = Command::new(env!("CARGO_BIN_EXE_underpaint")).arg("inspect").arg(path).output().expect("starts");
    let told = String::from_utf8_lossy(&told.stdout);
    assert!(told.contains("Mask blur: 2") && !told.contains("not taken over"), "{told}");
}

#[test]
fn a_mask_that_is_white_everywhere_is_no_mask_and_an_inverted_one_keeps_the_rest() {
    let desk = Desk::new(64, 64);
    desk.mask("white.png", 64, 64, |_, _| true);
    let plain = picture(&desk.small(&[]));
    assert!(picture(&desk.small(&["--mask", &desk.at("white.png"), "--mask-blur", "4"])) == plain);
    let output = desk.small(&["--mask", &desk.at("mask.png"), "--mask-invert"]);
    assert!(
        read_parameters(&file(&output)).expect("parameters").contains("Mask mode: Inpaint not masked, Mask blur: 4")
    );
    let mut kept = grey(&desk, "mask.png");
    kept.pixels_mut().for_each(|level| *level = Luma([255 - level.0[0]]));
    let (inside, outside) = differing(&picture(&output), &desk.start(), &kept);
    assert!(inside > 200 && outside == 0, "{inside} and {outside}");
}

#[test]
fn only_the_masked_part_of_a_picture_of_any_size_is_sampled_and_put_back() {
    let desk = Desk::new(201, 150);
    let mask = desk.at("mask.png");
    let output = desk.small(&["--mask", &mask, "--mask-area", "masked", "--mask-padding", "8", "--with-start"]);
    let (path, made) = (file(&output), picture(&output));
    assert_eq!(made.dimensions(), (201, 150));
    let (inside, outside) = differing(&made, &desk.start(), &grey(&desk, "mask.png"));
    assert!(inside > 2000 && outside == 0, "{inside} and {outside}");
    let text = read_parameters(&path).expect("parameters");
    assert!(
        text.contains("Size: 64x64, ") && text.contains("Inpaint area: Only masked, Masked area padding: 8"),
        "{text}"
    );
    let again =
        Command::new(env!("CARGO_BIN_EXE_underpaint")).arg("reproduce").arg(&path).args(["--mask", &mask]).output();
    let again = again.expect("starts");
    assert!(String::from_utf8_lossy(&again.stdout).contains("comes out the same again"), "{again:?}");
}

#[test]
fn an_extended_picture_keeps_what_was_there_and_paints_what_is_new() {
    let desk = Desk::new(64, 64);
    let output = desk.generate(&["--extend", "0,0,29,16"]);
    let (made, start) = (picture(&output), desk.start());
    assert_eq!(made.dimensions(), (96, 80), "rounded up to multiples of 8");
    // The overlap is a quarter of the side here.
    let kept = 64 - 16 - REACH;
    assert!((0..kept).all(|x| (0..kept).all(|y| made.get_pixel(x, y) == start.get_pixel(x, y))));
    let colors = (70..96).map(|x| made.get_pixel(x, 40)).collect::<std::collections::HashSet<_>>();
    assert!(colors.len() > 5, "painted, and not one colour");
    assert!(refusal(&desk.generate(&["--extend", "0,0,0"])).contains("four numbers"));
}

#[test]
fn a_bad_mask_gives_one_sentence_and_an_odd_one_a_notice() {
    let desk = Desk::new(64, 64);
    std::fs::write(desk.at("words.png"), "no picture at all").expect("writes");
    desk.mask("black.png", 64, 64, |_, _| false);
    desk.mask("white.png", 64, 64, |_, _| true);
    let run = |mask: &str, more: &[&str]| desk.small(&[&["--mask", &desk.at(mask)], more].concat());
    for (mask, more, said) in [
        ("words.png", ["--mask-blur", "4"], "could not be opened"),
        ("missing.png", ["--mask-blur", "4"], "could not be read"),
        ("black.png", ["--mask-blur", "4"], "The mask is black"),
        ("white.png", ["--mask-content", "paint"], "latent-nothing"),
        ("white.png", ["--mask-blur", "65"], "must lie between 0 and 64"),
        ("white.png", ["--mask-padding", "300"], "must lie between 0 and 256"),
    ] {
        let told = refusal(&run(mask, &more));
        assert!(told.contains(said), "{told} lacks {said}");
    }
    assert!(refusal(&run("white.png", &["--mask-invert"])).contains("Leave --mask-invert out"));
    assert!(refusal(&run("white.png", &["--mask-blur", "4", "--feather", "4"])).contains("cannot be used with"));

    desk.mask("large.png", 128, 128, |x, y| x < 40 && y < 60);
    let output = run("large.png", &["--mask-blur", "4"]);
    assert!(
        words(&output).contains("The mask is 128 by 128 pixels and the start image 64 by 64"),
        "{}",
        words(&output)
    );
    // Opaque changes, whatever its colour.
    let clear = RgbaImage::from_fn(64, 64, |x, y| Rgba([0, 0, 0, if x < 21 && y < 32 { 255 } else { 0 }]));
    std::fs::write(desk.at("clear.png"), encode_png_with_alpha(&clear).expect("encodes")).expect("writes");
    let output = run("clear.png", &["--mask-blur", "4"]);
    assert!(words(&output).contains("The mask has transparent pixels"), "{}", words(&output));
    assert!(picture(&output) == picture(&run("mask.png", &["--mask-blur", "4"])));
}
