//! The same request over the network and on the command line gives the same pixels.

use std::path::{Path, PathBuf};
use std::process::Command;

use image::RgbImage;
use serde_json::json;
use underpaint::picture::{encode_png, open};

use crate::harness::{TestServer, base64_of, pictures, sketch};

fn generated(folder: &Path, more: &[&str]) -> Vec<RgbImage> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    command.args([
        "generate",
        "--prompt",
        "a green apple",
        "--width",
        "64",
        "--height",
        "64",
        "--steps",
        "3",
        "--seed",
        "9",
    ]);
    command.args(["--cfg", "6", "--sampler", "dpm++2m-karras", "--strength", "0.6"]);
    let output = command.args(["--out".as_ref(), folder.as_os_str()]).args(more).output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = String::from_utf8_lossy(&output.stdout).lines().map(PathBuf::from).collect::<Vec<_>>();
    files.iter().map(|file| open(file).expect("a picture")).collect()
}

#[test]
fn the_pictures_are_those_of_the_command_line() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join(name);
    let text = |name: &str| at(name).to_str().expect("UTF-8").to_owned();
    let (start_file, mask_file) = (text("start.png"), text("mask.png"));
    let (start, mask) =
        (sketch(64, 64), RgbImage::from_fn(64, 64, |x, _| image::Rgb([if x < 40 { 255 } else { 0 }; 3])));
    for (name, picture) in [("start.png", &start), ("mask.png", &mask)] {
        std::fs::write(at(name), encode_png(picture, None).expect("a PNG")).expect("written");
    }
    let server = TestServer::start(&[]);
    let request = json!({"prompt": "a green apple", "width": 64, "height": 64, "steps": 3, "seed": 9, "cfg_scale": 6,
        "sampler_name": "DPM++ 2M", "scheduler": "Karras", "denoising_strength": 0.6, "batch_size": 2});
    let answered = |name: &str, fields: serde_json::Value| -> Vec<RgbImage> {
        let (status, answer) = server.post(name, &crate::harness::with(request.clone(), fields));
        assert_eq!(status, 200, "{answer}");
        pictures(&answer).into_iter().map(|(picture, _)| picture).collect()
    };
    assert!(answered("txt2img", json!({})) == generated(&at("a"), &["--batch", "2"]), "from noise");
    let init = ["--batch", "2", "--init", &start_file];
    let images = json!({"init_images": [base64_of(&start)]});
    assert!(answered("img2img", images.clone()) == generated(&at("b"), &init), "from a sketch");
    let masked = [&init[..], &["--mask", &mask_file, "--mask-blur", "3", "--mask-content", "fill"]].concat();
    let fields = json!({"mask": base64_of(&mask), "mask_blur": 3, "inpaint_full_res": false, "inpainting_fill": 0});
    assert!(answered("img2img", crate::harness::with(images, fields)) == generated(&at("c"), &masked), "a part of it");
}
