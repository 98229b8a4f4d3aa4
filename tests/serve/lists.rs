//! The addresses that list what there is, and the options.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{TestServer, small, with};

#[test]
fn everything_that_clients_ask_for_first_is_there() {
    let server = TestServer::start(&[]);
    let list = |name: &str| {
        let (status, answer) = server.get(name);
        assert_eq!(status, 200, "{name}: {answer}");
        answer
    };
    let named = |list: &Value, field: &str| -> Vec<String> {
        list.as_array().expect("a list").iter().map(|entry| entry[field].as_str().expect("a name").to_owned()).collect()
    };
    assert!(named(&list("samplers"), "name").contains(&"DPM++ 2M".to_owned()));
    let schedulers = list("schedulers");
    assert!(named(&schedulers, "name").contains(&"sgm_uniform".to_owned()));
    assert!(named(&schedulers, "label").contains(&"Karras".to_owned()));
    let models = list("sd-models");
    assert_eq!((&models[0]["title"], &models[0]["model_name"]), (&json!("starter"), &json!("starter")));
    for name in ["loras", "sd-vae", "upscalers", "latent-upscale-modes", "hypernetworks", "face-restorers"] {
        assert_eq!(list(name), json!([]), "{name}");
    }
    assert_eq!(list("embeddings"), json!({"loaded": {}, "skipped": {}}));
    assert!(list("memory")["ram"]["total"].as_u64() > Some(0));
    assert_eq!(list("cmd-flags")["api"], true);
    assert_eq!(list("scripts")["img2img"], json!(["soft inpainting"]));
    assert_eq!(server.post_text("refresh-checkpoints", "").0, 200);
    let idle = list("progress");
    assert_eq!(
        (&idle["progress"], &idle["state"]["job_count"], &idle["current_image"]),
        (&json!(0.0), &json!(0), &Value::Null)
    );
}

#[test]
fn every_sampler_and_schedule_that_is_listed_can_be_asked_for() {
    let server = TestServer::start(&[]);
    let (_, samplers) = server.get("samplers");
    for sampler in samplers.as_array().expect("a list") {
        let (status, answer) = server.post("txt2img", &with(small(), json!({"sampler_name": sampler["name"]})));
        assert_eq!(status, 200, "{sampler}: {answer}");
    }
    let (_, schedulers) = server.get("schedulers");
    for schedule in schedulers.as_array().expect("a list") {
        let request = with(small(), json!({"sampler_name": "Euler", "scheduler": schedule["name"], "steps": 4}));
        let (status, answer) = server.post("txt2img", &request);
        assert_eq!(status, 200, "{schedule}: {answer}");
    }
}

#[test]
fn options_stay_as_they_are_set_and_a_model_that_is_not_there_changes_nothing() {
    let server = TestServer::start(&[]);
    assert_eq!(server.post("options", &json!({"CLIP_stop_at_last_layers": 2, "samples_format": "png"})).0, 200);
    assert_eq!(server.get("options").1["CLIP_stop_at_last_layers"], 2);
    let (status, answer) =
        server.post("options", &json!({"sd_model_checkpoint": "dream.safetensors", "img2img_fix_steps": true}));
    assert_eq!(status, 422, "{answer}");
    let options = server.get("options").1;
    assert_eq!((&options["sd_model_checkpoint"], &options["img2img_fix_steps"]), (&json!("starter"), &json!(false)));
    assert_eq!(server.post("options", &json!({"sd_model_checkpoint": "starter"})).0, 200);
    // Whatever the server lists can be sent back as it is.
    let (status, answer) = server.post("options", &options);
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn another_model_is_listed_by_its_path_and_chosen_by_its_title() {
    let folder = tempfile::tempdir().expect("folder");
    let pear = folder.path().join("pear");
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter"), &pear);
    let server = TestServer::start(&["--model", pear.to_str().expect("UTF-8")]);
    let (_, models) = server.get("sd-models");
    assert_eq!(models.as_array().map(Vec::len), Some(2), "{models}");
    let title = server.get("options").1["sd_model_checkpoint"].clone();
    assert_eq!(title, "pear");
    assert_eq!(server.post("options", &json!({"sd_model_checkpoint": models[0]["title"]})).0, 200);
    let (_, answer) =
        server.post("txt2img", &with(small(), json!({"override_settings": {"sd_model_checkpoint": title}})));
    assert_eq!(crate::harness::info(&answer)["sd_model_name"], models[1]["model_name"]);
    assert_eq!(server.get("options").1["sd_model_checkpoint"], models[0]["title"], "for one request only");
    let keep =
        json!({"override_settings": {"sd_model_checkpoint": title}, "override_settings_restore_afterwards": false});
    assert_eq!(server.post("txt2img", &with(small(), keep)).0, 200);
    assert_eq!(server.get("options").1["sd_model_checkpoint"], title);
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("lists").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).expect("copied")),
        }
    }
}
