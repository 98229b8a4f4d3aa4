//! Picture files as other programs write them: formats, colours, orientation, settings, and files that are
//! no pictures. `fixtures/pictures.py` wrote the files, and Little CMS the colours.

use std::path::{Path, PathBuf};

use image::RgbImage;
use underpaint::engine::{Sampler, Schedule, Settings};
use underpaint::picture::{
    InspectionDetails, InspectionKind, Parameters, inspect, open, read, read_parameters, settings_text,
};

const TEXT: &str = "an apple, 苹果 é\nNegative prompt: blurry\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, \
                    CFG scale: 7, Seed: 5, Size: 512x512, Model: v1-5";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pictures").join(name)
}

fn opened(name: &str) -> RgbImage {
    open(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What every fixture shows unless it says otherwise.
fn scene() -> RgbImage {
    RgbImage::from_fn(24, 16, |x, y| image::Rgb([(x * 10) as u8, (y * 15) as u8, 200]))
}

/// The largest difference of two pictures, in steps of 255.
fn difference(a: &RgbImage, b: &RgbImage) -> u8 {
    assert_eq!(a.dimensions(), b.dimensions());
    a.iter().zip(b.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

#[test]
fn every_format_is_read() {
    for name in
        ["plain.bmp", "lzw.tif", "adobe_deflate.tif", "packbits.tif", "raw.tif", "animated.webp", "animated.png"]
    {
        assert_eq!(difference(&opened(name), &scene()), 0, "{name}");
    }
    for (name, most) in [("a1111.jpg", 40), ("lossy.webp", 40), ("plain.gif", 40), ("animated.gif", 40)] {
        let far = difference(&opened(name), &scene());
        assert!(far <= most, "{name}: {far}");
    }
}

#[test]
fn grey_deep_and_palette_pictures_are_read() {
    let grey = RgbImage::from_fn(24, 16, |x, _| image::Rgb([(x * 10) as u8; 3]));
    for name in ["grey.png", "grey.tif", "grey16.png", "grey16.tif"] {
        assert_eq!(difference(&opened(name), &grey), 0, "{name}");
    }
    assert!(difference(&opened("grey.jpg"), &grey) <= 3);
    let one_bit = RgbImage::from_fn(24, 16, |x, _| image::Rgb([if x > 10 { 255 } else { 0 }; 3]));
    for name in ["one_bit.png", "one_bit.tif"] {
        assert_eq!(difference(&opened(name), &one_bit), 0, "{name}");
    }
    // The blue entry is transparent, and shows white.
    let palette = RgbImage::from_fn(24, 16, |x, _| image::Rgb(if x < 12 { [255, 0, 0] } else { [255; 3] }));
    assert_eq!(difference(&opened("palette.png"), &palette), 0);
}

#[test]
fn every_format_is_turned_upright() {
    for orientation in 2..=8 {
        let name = format!("turned{orientation}.png");
        assert_eq!(difference(&opened(&name), &scene()), 0, "{name}");
    }
    for name in ["turned.webp", "turned.tif"] {
        assert_eq!(difference(&opened(name), &scene()), 0, "{name}");
    }
    assert!(difference(&opened("turned.jpg"), &scene()) <= 10);
}

fn colors(name: &str) -> Vec<[u8; 3]> {
    let text = std::fs::read_to_string(fixture("colors.json")).expect("reads");
    let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(all[name].clone()).expect("colours")
}

/// One pixel of every sample: fixtures for JPEG are magnified.
fn samples(picture: &RgbImage) -> Vec<[u8; 3]> {
    let magnified = picture.height();
    (0..picture.width() / magnified)
        .map(|i| picture.get_pixel(i * magnified + magnified / 2, magnified / 2).0)
        .collect()
}

#[test]
fn embedded_profiles_give_the_colours_of_another_colour_library() {
    for (name, expected, most) in [
        ("adobe.png", "adobe", 2),
        ("adobe.webp", "adobe", 2),
        ("adobe.tif", "adobe", 2),
        ("adobe.jpg", "adobe", 4),
        ("dcf.jpg", "adobe", 4),
        ("p3.png", "p3", 2),
        ("linear_grey.png", "linear_grey", 2),
    ] {
        let (got, expected) = (samples(&opened(name)), colors(expected));
        assert_eq!(got.len(), expected.len(), "{name}");
        for (got, expected) in got.iter().zip(expected) {
            let far = got.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max();
            assert!(far <= Some(most), "{name}: {got:?} is not {expected:?}");
        }
    }
}

/// Within 5 levels, or within 2 % of white as light: the profile's table has 256 steps of lightness, and sRGB far
/// more near black.
#[test]
fn ink_profiles_give_the_colours_of_another_colour_library() {
    let light = |value: u8| match f64::from(value) / 255.0 {
        dark if dark <= 0.04045 => dark / 12.92,
        value => ((value + 0.055) / 1.055).powf(2.4),
    };
    for name in ["inks_profile.jpg", "ycck_profile.jpg"] {
        let (got, expected) = (samples(&opened(name)), colors("inks"));
        assert_eq!(got.len(), expected.len(), "{name}");
        for (got, expected) in got.iter().zip(expected) {
            let is_near = |(a, b): (&u8, u8)| a.abs_diff(b) <= 5 || (light(*a) - light(b)).abs() <= 0.02;
            assert!(got.iter().zip(expected).all(is_near), "{name}: {got:?} is not {expected:?}");
        }
    }
}

#[test]
fn an_embedded_srgb_profile_changes_no_pixel() {
    assert_eq!(samples(&opened("srgb.png")), colors("srgb"));
}

#[test]
fn inks_without_a_profile_are_read_the_right_way_round() {
    let inks: [[u32; 4]; 7] =
        [[0; 4], [255, 0, 0, 0], [0, 255, 0, 0], [0, 0, 255, 0], [0, 0, 0, 255], [80, 160, 40, 30], [0, 0, 0, 128]];
    for name in ["inks.jpg", "ycck.jpg", "inks.tif"] {
        for (got, [c, m, y, k]) in samples(&opened(name)).into_iter().zip(inks) {
            let expected = [c, m, y].map(|ink| ((255 - ink) * (255 - k) / 255) as u8);
            let far = got.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max();
            assert!(far <= Some(5), "{name}: {got:?} is not {expected:?}");
        }
    }
}

#[test]
fn settings_are_found_wherever_programs_keep_them() {
    for name in
        ["text_before.png", "text_after.png", "text_packed.png", "text_utf8.png", "a1111.jpg", "a1111.webp", "eXIf.png"]
    {
        assert_eq!(read_parameters(&fixture(name)).as_deref(), Some(TEXT), "{name}");
    }
    let latin = read_parameters(&fixture("text_latin.png")).expect("has settings");
    assert_eq!(latin, TEXT.replace("苹果 ", ""));
    assert_eq!(read_parameters(&fixture("plain.bmp")), None);
    assert_eq!(read_parameters(&fixture("turned.jpg")), None);
}

#[test]
fn comfyui_graphs_are_read_from_png_and_webp() {
    for name in ["comfyui.png", "comfyui.webp"] {
        let read = Parameters::read(&read_parameters(&fixture(name)).expect(name));
        assert!(read.has_settings(), "{name}");
        assert_eq!(read.prompt, "an apple, fruit <lora:ink:0.8>");
        assert_eq!((read.negative.as_str(), read.model()), ("blurry", Some("v1-5")));
        let mut settings = Settings::default();
        let left = read.apply_to(&mut settings);
        assert_eq!((settings.sampler, settings.schedule), (Sampler::DpmPp2mSde, Schedule::Karras));
        assert_eq!((settings.steps, settings.cfg_scale), (25, 6.5));
        // 2^32 + 2: the same noise as 2 with PyTorch's generator for the CPU.
        assert_eq!(settings.seed, 2);
        let left: Vec<&str> = left.iter().map(|left| left.name.as_str()).collect();
        assert!(left.contains(&"Seed"), "{left:?}");
    }
}

#[test]
fn an_inspection_tells_what_a_picture_is() {
    let report = inspect(&fixture("turned6.png"));
    assert!(report.usable && report.kind == InspectionKind::Picture);
    let InspectionDetails::Picture(picture) = report.details else { panic!("a picture") };
    assert_eq!((picture.width, picture.height, picture.orientation), (24, 16, "turned by 90 degrees clockwise"));
    let json = serde_json::to_value(inspect(&fixture("adobe.png"))).expect("JSON");
    assert_eq!(json["color_profile"], "Adobe RGB like");
    assert_eq!(json["color_conversion"], "converted");
    assert_eq!((&json["format"], &json["color"]), (&"png".into(), &"RGB, 8 bits".into()));
    let json = serde_json::to_value(inspect(&fixture("srgb.png"))).expect("JSON");
    assert_eq!(json["color_conversion"], "same_as_srgb");
    for name in ["animated.gif", "animated.png", "animated.webp"] {
        let json = serde_json::to_value(inspect(&fixture(name))).expect("JSON");
        assert_eq!(json["frames"], 3, "{name}");
        assert!(json["sentence"].as_str().is_some_and(|text| text.contains("an animation of 3 frames")), "{json}");
    }
    let json = serde_json::to_value(inspect(&fixture("inks.jpg"))).expect("JSON");
    assert_eq!(json["color"], "CMYK, 8 bits");
    let json = serde_json::to_value(inspect(&fixture("a1111.jpg"))).expect("JSON");
    assert_eq!(json["settings"]["negative_prompt"], "blurry");
    assert_eq!(json["settings"]["fields"][0], serde_json::json!(["Steps", "20"]));
}

#[test]
fn files_that_are_no_pictures_are_called_what_they_are() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    for (bytes, name, words) in [
        (&heic[..], "IMG_1.HEIC", "IMG_1.HEIC could not be opened as a picture: it is a HEIC picture. Save it as PNG"),
        (b"8BPS\0\x01", "a.psd", "a Photoshop document"),
        (b"\xff\x0a\0\0", "a.jxl", "a JPEG XL picture"),
        (b"<svg xmlns='x'></svg>", "a.png", "an SVG drawing"),
        (b"<!DOCTYPE html><html>", "a.png", "a web page"),
        (b"\x10\0\0\0\0\0\0\0{\"__metadata__\":{}}", "a.png", "a file of model weights"),
        (b"II*\0\x08\0\0\0", "DSC_1.NEF", "a camera raw file"),
        (b"", "a.png", "the file is empty"),
        (b"no picture", "a.png", "a.png could not be opened: it is not a PNG, JPEG, WebP, GIF, BMP or TIFF picture."),
    ] {
        let text = read(bytes, name).expect_err(name).to_string();
        assert!(text.starts_with(name) && text.contains(words) && text.ends_with('.'), "{text}");
    }
}

#[test]
fn damaged_pictures_give_one_sentence() {
    let folder = std::fs::read_dir(fixture("")).expect("lists");
    for entry in folder {
        let path = entry.expect("entry").path();
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).expect("reads");
        if name.ends_with("json") {
            continue;
        }
        for length in [12, 20, 30, bytes.len() / 3, bytes.len() / 2, bytes.len() * 9 / 10] {
            // Some formats can be shown as far as they go.
            if let Err(error) = read(&bytes[..length.min(bytes.len())], &name) {
                let text = error.to_string();
                assert!(text.starts_with(&name) && text.ends_with('.') && text.len() < 250, "{text}");
            }
        }
    }
    let bytes = std::fs::read(fixture("text_before.png")).expect("reads");
    let text = read(&bytes[..bytes.len() / 2], "half.png").expect_err("cut").to_string();
    assert!(text.starts_with("half.png could not be opened as a PNG picture: "), "{text}");
}

/// Files with bytes changed by chance: read or refused with a sentence, and never a panic.
#[test]
fn files_damaged_by_chance_are_read_or_refused() {
    let mut state = 7u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for entry in std::fs::read_dir(fixture("")).expect("lists") {
        let path = entry.expect("entry").path();
        let whole = std::fs::read(&path).expect("reads");
        for _ in 0..40 {
            let mut bytes = whole.clone();
            for _ in 0..1 + next(6) {
                let at = next(bytes.len());
                bytes[at] = [0, 1, 0x7f, 0x80, 0xff, next(256) as u8][next(6)];
            }
            if let Some(text) = settings_text(&bytes) {
                let _ = Parameters::read(&text).apply_to(&mut Settings::default());
            }
            if let Err(error) = read(&bytes, "spoiled") {
                let text = error.to_string();
                assert!(text.starts_with("spoiled could not be opened") && text.ends_with('.'), "{text}");
            }
        }
    }
}

/// Small files that claim to be huge pictures.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
        chunk.extend_from_slice(kind);
        chunk.extend_from_slice(data);
        let mut sum = flate2::Crc::new();
        sum.update(&chunk[4..]);
        chunk.extend_from_slice(&sum.sum().to_be_bytes());
        chunk
    };
    let png = |side: u32, depth: u8, color: u8| {
        let mut header = [side.to_be_bytes(), side.to_be_bytes()].concat();
        header.extend([depth, color, 0, 0, 0]);
        [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", b"x\x9c\x03\0\0\0\0\x01")].concat()
    };
    let mut gif = b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0".to_vec();
    gif.extend(b"\xff\xff\xff\xff\0\x02\x02\x44\x01\0;");
    let mut bmp = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bmp.extend([65_000i32.to_le_bytes(), 65_000i32.to_le_bytes()].concat());
    bmp.extend(b"\x01\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    // Progressive, three components.
    let jpeg = b"\xff\xd8\xff\xc2\0\x11\x08\xff\xdc\xff\xdc\x03\x01\x11\0\x02\x11\0\x03\x11\0\xff\xda".to_vec();
    let mut webp = b"RIFF\x2a\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\xff\x7f\0\xff\x7f\0".to_vec();
    webp.extend(b"VP8L\x05\0\0\0\x2f\0\0\0\0\0");
    vec![
        ("wide.png", png(60_000, 8, 6)),
        ("deep.png", png(16_000, 16, 6)),
        ("bits.png", png(30_000, 1, 0)),
        ("screen.gif", gif),
        ("large.bmp", bmp),
        ("progressive.jpg", jpeg),
        ("canvas.webp", webp),
    ]
}

#[test]
fn small_files_that_claim_to_be_huge_are_refused() {
    for (name, bytes) in bombs() {
        assert!(bytes.len() < 1000);
        let text = read(&bytes, name).expect_err(name).to_string();
        assert!(text.starts_with(name) && text.ends_with('.'), "{text}");
        if !["canvas.webp", "progressive.jpg"].contains(&name) {
            assert!(text.starts_with(&format!("{name} could not be opened: it is too large (")), "{text}");
        }
    }
}

/// With little memory to be had, a program that believed such a file would be ended by its allocator.
#[test]
#[cfg(target_os = "linux")]
fn small_files_that_claim_to_be_huge_take_no_memory() {
    let folder = tempfile::tempdir().expect("folder");
    for (name, bytes) in bombs() {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("writes");
        let output = std::process::Command::new("sh")
            .args(["-c", "ulimit -v 1000000; exec \"$0\" inspect --json \"$1\"", env!("CARGO_BIN_EXE_underpaint")])
            .arg(&path)
            .output()
            .expect("runs");
        assert_eq!(output.status.code(), Some(1), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(told["usable"], false, "{name}: {told}");
    }
}

/// A file of a hundred bytes whose EXIF data or colour profile claims to be 4 GB long.
#[test]
#[cfg(target_os = "linux")]
fn a_webp_that_lies_about_its_data_takes_no_memory() {
    let folder = tempfile::tempdir().expect("folder");
    for (name, chunk) in [("turned.webp", b"EXIF"), ("adobe.webp", b"ICCP")] {
        let mut bytes = std::fs::read(fixture(name)).expect("reads");
        let at = bytes.windows(4).position(|word| word == chunk).expect("has the chunk");
        bytes[at + 4..at + 8].copy_from_slice(&0xff00_0000u32.to_le_bytes());
        if chunk == b"ICCP" {
            // The pixels must still be found, so the profile comes last.
            let original = std::fs::read(fixture(name)).expect("reads");
            let length = u32::from_le_bytes(original[at + 4..at + 8].try_into().expect("four bytes")) as usize;
            let whole = 8 + length + length % 2;
            bytes = [&original[..at], &original[at + whole..], &bytes[at..at + whole]].concat();
        }
        let path = folder.path().join(name);
        std::fs::write(&path, &bytes).expect("writes");
        // The program is given less memory than the file claims to need.
        let output = std::process::Command::new("sh")
            .args(["-c", "ulimit -v 3000000; exec \"$0\" inspect \"$1\"", env!("CARGO_BIN_EXE_underpaint")])
            .arg(&path)
            .output()
            .expect("runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && told.contains("is a WebP picture of "), "{name}: {told}{errors}");
    }
}
