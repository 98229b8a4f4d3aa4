//! The program without a window, from arguments to PNG files, on the starter model.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use underpaint::picture::{open, read_parameters};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/example.png");

/// A small job: 256 pixels, few steps.
fn generate(out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    command.args(["generate", "--width", "256", "--height", "256", "--steps", "4", "--prompt", "a green apple"]);
    command.args(["--out".as_ref(), out.as_os_str()]).args(more);
    command.output().expect("the program starts")
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(String::from).collect()
}

fn failure(output: &Output) -> String {
    assert!(!output.status.success(), "it should have failed");
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(text.lines().count(), 1, "one sentence, not: {text}");
    text
}

#[test]
fn a_sketch_becomes_pictures_that_say_how_they_were_made() {
    let folder = tempfile::tempdir().expect("folder");
    let out = folder.path().join("pictures");
    let classic = ["--sampler", "dpm++2m-karras", "--cfg", "11", "--strength", "0.75"];
    let settings = ["--init", EXAMPLE, "--batch", "2", "--seed", "4294967295", "--negative", "blurry"];
    let output = generate(&out, &[&settings[..], &classic].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files: Vec<PathBuf> = lines(&output.stdout).into_iter().map(PathBuf::from).collect();
    assert_eq!(files.len(), 2);
    let pictures: Vec<_> = files.iter().map(|f| open(f).expect("a picture")).collect();
    assert!(pictures.iter().all(|p| p.dimensions() == (256, 256)));
    assert!(pictures[0] != pictures[1], "two seeds, two pictures");
    let text = read_parameters(&files[0]).expect("parameters");
    let model_line = text.lines().last().expect("settings");
    assert!(text.starts_with("a green apple\nNegative prompt: blurry\nSteps: 4, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 11, Seed: 4294967295, Size: 256x256, Model: starter, Denoising strength: 0.75, Version: underpaint"), "{text}");
    assert!(model_line.contains("Seed: 4294967295"));
    // The seed after the largest is 0.
    assert!(read_parameters(&files[1]).expect("parameters").contains("Seed: 0,"));
    let progress = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(progress.contains("image 2 of 2, step 4 of 4"), "{progress}");
    let left: Vec<_> = std::fs::read_dir(&out).expect("list").collect();
    assert_eq!(left.len(), 2, "nothing temporary stays");
}

#[test]
fn sampler_scale_and_strength_are_the_models_own_unless_given() {
    let folder = tempfile::tempdir().expect("folder");
    let text = |name: &str, more: &[&str]| {
        let output = generate(&folder.path().join(name), &[&["--init", EXAMPLE, "--batch", "1"], more].concat());
        read_parameters(Path::new(&lines(&output.stdout)[0])).expect("parameters")
    };
    let suggested =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter/underpaint.json"));
    let suggested: serde_json::Value = serde_json::from_str(&suggested.expect("the file")).expect("JSON");
    let own = text("own", &[]);
    assert!(own.contains(&format!("CFG scale: {}, ", suggested["cfg_scale"])), "{own}");
    assert!(own.contains(&format!("Denoising strength: {}, ", suggested["strength"])), "{own}");
    assert_eq!(suggested["sampler"], "euler-a");
    assert!(own.contains("Sampler: Euler a, Schedule type: Automatic, "), "{own}");
    let given = text("given", &["--cfg", "9.5", "--strength", "0.3", "--sampler", "heun-karras"]);
    assert!(given.contains("CFG scale: 9.5, ") && given.contains("Denoising strength: 0.3, "), "{given}");
    assert!(given.contains("Sampler: Heun, Schedule type: Karras, "), "{given}");
    let spaced = text("spaced", &["--schedule", "karras"]);
    assert!(spaced.contains("Sampler: Euler a, Schedule type: Karras, "), "{spaced}");
}

#[test]
fn the_same_seed_gives_the_same_picture_alone_in_a_batch_and_with_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("folder");
    let picture = |name: &str, more: &[&str], which: usize| {
        let output = generate(&folder.path().join(name), &[&["--init", EXAMPLE], more].concat());
        open(Path::new(&lines(&output.stdout)[which])).expect("a picture")
    };
    for sampler in ["dpm++2m-karras", "euler-a"] {
        let in_batch = picture(&format!("{sampler}-batch"), &["--seed", "7", "--batch", "2", "--sampler", sampler], 1);
        let alone = picture(&format!("{sampler}-alone"), &["--seed", "8", "--batch", "1", "--sampler", sampler], 0);
        let one_thread = picture(
            &format!("{sampler}-one"),
            &["--seed", "8", "--batch", "1", "--sampler", sampler, "--threads", "1"],
            0,
        );
        let three = picture(
            &format!("{sampler}-three"),
            &["--seed", "8", "--batch", "1", "--sampler", sampler, "--threads", "3"],
            0,
        );
        assert!(in_batch == alone, "{sampler}: alone or in a batch");
        assert!(alone == one_thread && alone == three, "{sampler}: one thread or more");
    }
}

#[test]
fn full_strength_ignores_the_sketch() {
    let folder = tempfile::tempdir().expect("folder");
    let run = |name: &str, more: &[&str]| {
        let all = [&["--seed", "3", "--batch", "1", "--strength", "1"], more].concat();
        let output = generate(&folder.path().join(name), &all);
        let file = PathBuf::from(&lines(&output.stdout)[0]);
        (open(&file).expect("a picture"), read_parameters(&file).expect("parameters"))
    };
    let (with, text) = run("with", &["--init", EXAMPLE]);
    let (without, _) = run("without", &[]);
    assert!(with == without);
    assert!(!text.contains("Denoising strength"));
}

#[test]
fn json_events_tell_the_whole_story_one_a_line() {
    let folder = tempfile::tempdir().expect("folder");
    let output =
        generate(folder.path(), &["--init", EXAMPLE, "--batch", "1", "--seed", "1", "--strength", "0.75", "--json"]);
    let events: Vec<serde_json::Value> =
        lines(&output.stdout).iter().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let names: Vec<&str> = events.iter().filter_map(|e| e["event"].as_str()).collect();
    assert_eq!(names.iter().filter(|n| **n == "step").count(), 4);
    assert_eq!(names.last(), Some(&"complete"));
    let made = events.iter().find(|e| e["event"] == "made").expect("made");
    assert!(Path::new(made["file"].as_str().expect("file")).exists());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn bad_input_ends_with_one_clear_sentence() {
    let folder = tempfile::tempdir().expect("folder");
    let rubbish = folder.path().join("rubbish.png");
    std::fs::write(&rubbish, "no picture").expect("writes");
    let rubbish = rubbish.to_string_lossy().into_owned();
    let cases: [(&[&str], &str); 7] = [
        (&["--init", "/no/such/file.png"], "/no/such/file.png could not be read"),
        (&["--init", &rubbish], "rubbish.png could not be opened as a PNG, JPEG or WebP picture"),
        (&["--width", "300"], "width must be a multiple of 64"),
        (&["--strength", "2"], "denoising strength must lie between 0 and 1"),
        (&["--model", "/no/such/model"], "/no/such/model was not found"),
        (&["--model", &rubbish], "neither a safetensors file nor a .ckpt"),
        (&["--seed", "-5"], "seed must be -1"),
    ];
    for (more, words) in cases {
        let text = failure(&generate_plain(folder.path(), more));
        assert!(text.contains(words), "{more:?}: {text}");
    }
    assert!(std::fs::read_dir(folder.path()).expect("list").count() == 1, "nothing was written");
}

/// Without the size that [`generate`] gives, so that a case can give its own.
fn generate_plain(out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    command.args(["generate", "--prompt", "x"]).args(["--out".as_ref(), out.as_os_str()]).args(more);
    command.output().expect("the program starts")
}

#[test]
fn without_a_display_the_window_says_what_to_do_instead() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        command.env_remove(name);
    }
    if cfg!(target_os = "linux") {
        let text = failure(&command.output().expect("the program starts"));
        assert!(text.contains("there is no display") && text.contains("underpaint generate --init"), "{text}");
    }
}

#[test]
fn the_bench_says_what_each_part_takes() {
    let output = Command::new(env!("CARGO_BIN_EXE_underpaint"))
        .args(["bench", "--json", "--threads", "2", "--dtype", "f32", "--size", "256"])
        .output()
        .expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    for part in ["load_s", "text_s", "unet_s", "vae_encode_s", "vae_decode_s", "peak_f32_flops"] {
        assert!(told[part].as_f64().is_some_and(|number| number > 0.0), "{part}: {told}");
    }
    assert_eq!((told["threads"].as_u64(), told["size"].as_u64()), (Some(2), Some(256)));
    assert_eq!(told["dtype"].as_str(), Some("f32"));
}

#[test]
fn licenses_are_printed() {
    let output = Command::new(env!("CARGO_BIN_EXE_underpaint")).arg("licenses").output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.starts_with("underpaint ") && text.contains("\ncandle-core 0.11"), "{} bytes", text.len());
}
