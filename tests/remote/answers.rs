//! What is asked of a server, and what becomes of its answers.

use std::sync::Arc;
use std::time::Duration;

use image::RgbImage;
use serde_json::json;
use underpaint::engine::{
    Cancel, Engine, Event, Inpaint, Mask, ModelChoice, Plan, Request, Sampler, Schedule, Settings, Sheet, SheetAxis,
    Stage,
};
use underpaint::picture::{encode_png, to_base64};
use underpaint::remote::{Login, Patience, Server, ServerEngine, WebUiEngine};

use crate::fake_server::{FakeServer, Reply, picture};

pub fn settings() -> Settings {
    Settings { prompt: "a pear".into(), width: 64, height: 64, steps: 4, seed: 5, batch: 3, ..Settings::default() }
}

pub fn request(settings: Settings, plan: Plan, start: Option<RgbImage>) -> Request {
    Request::planned(ModelChoice::Path("dream".into()), settings, plan, start.map(Arc::new))
}

/// The finished pictures, by place and seed, and everything else.
pub fn made(engine: &mut dyn Engine, request: &Request) -> (Vec<(usize, u64, RgbImage)>, Vec<Event>) {
    let (mut pictures, mut others) = (Vec::new(), Vec::new());
    let done = engine.generate(request, &Cancel::default(), &mut |event| match event {
        Event::Finished(made) => pictures.push((made.image, made.seed, made.picture)),
        event => others.push(event),
    });
    done.expect("all pictures");
    (pictures, others)
}

#[test]
fn each_picture_is_asked_for_alone_with_its_seed() {
    let server = FakeServer::web_ui(|_, _| None);
    let mut engine = server.engine();
    engine.load(&ModelChoice::Path("dream".into()), &Cancel::default()).expect("is there");
    let (pictures, _) = made(&mut engine, &request(settings(), Plan::default(), None));
    let places: Vec<(usize, u64, u8)> =
        pictures.iter().map(|(at, seed, p)| (*at, *seed, p.get_pixel(0, 0).0[0])).collect();
    assert_eq!(places, [(0, 5, 5), (1, 6, 6), (2, 7, 7)]);
    let asked = server.asked("txt2img");
    assert_eq!(asked.len(), 3);
    let first = &asked[0].body;
    assert_eq!((&first["seed"], &first["batch_size"], &first["prompt"]), (&json!(5), &json!(1), &json!("a pear")));
    assert_eq!((&first["sampler_name"], &first["scheduler"]), (&json!("DPM++ 2M"), &json!("Karras")));
    assert_eq!(first["override_settings"]["sd_model_checkpoint"], "dream.safetensors [879db523c3]");
    let made_with = engine.made_with(&ModelChoice::Path("dream".into()));
    assert!(made_with.program.contains("through underpaint") && made_with.model_hash == "879db523c3", "{made_with:?}");
    assert!(!made_with.program.contains("127.0.0.1"), "addresses do not go into pictures");
}

#[test]
fn sheets_and_start_images_are_asked_for_as_they_are_meant() {
    let server = FakeServer::web_ui(|_, _| None);
    let mut engine = server.engine();
    let sheet = Sheet::new(SheetAxis::Strength(vec![0.5, 1.0]), None).expect("a sheet");
    let plan = Plan { sheet: Some(sheet), ..Plan::default() };
    let (pictures, _) = made(&mut engine, &request(settings(), plan, Some(RgbImage::new(64, 64))));
    assert_eq!(pictures.iter().map(|(at, seed, _)| (*at, *seed)).collect::<Vec<_>>(), [(0, 5), (1, 5)]);
    let (img, txt) = (server.asked("img2img"), server.asked("txt2img"));
    assert_eq!((img.len(), txt.len()), (1, 1), "at strength 1 the start image has no influence");
    assert_eq!(img[0].body["denoising_strength"], 0.5);
}

#[test]
fn a_mask_is_sent_and_what_it_keeps_is_kept_here() {
    let server = FakeServer::web_ui(|_, _| None);
    let mut engine = server.engine();
    let start = RgbImage::from_pixel(64, 64, image::Rgb([1, 2, 3]));
    let plan = Plan { mask: Some(Mask::from_fn(64, 64, |x, _| x < 32)), ..Plan::default() };
    let plain = Settings { batch: 1, feather: 0, ..settings() };
    let (pictures, _) = made(&mut engine, &request(plain.clone(), plan.clone(), Some(start.clone())));
    let picture = &pictures[0].2;
    assert_eq!((picture.get_pixel(31, 9).0, picture.get_pixel(32, 9).0), ([5, 100, 200], [1, 2, 3]));
    let inpaint = Inpaint { blur: 9, padding: 3, inverted: true, soft: true, ..Inpaint::default() };
    let (pictures, _) = made(&mut engine, &request(Settings { inpaint: Some(inpaint), ..plain }, plan, Some(start)));
    assert_eq!(pictures[0].2.get_pixel(40, 9).0, [5, 100, 200], "the server blends");
    let asked = &server.asked("img2img")[1].body;
    assert_eq!(
        (&asked["mask_blur"], &asked["inpainting_mask_invert"], &asked["inpainting_fill"]),
        (&json!(9), &json!(1), &json!(1))
    );
    assert_eq!((&asked["inpaint_full_res"], &asked["inpaint_full_res_padding"]), (&json!(false), &json!(3)));
    assert_eq!(asked["alwayson_scripts"]["soft inpainting"]["args"][0], true);
}

#[test]
fn progress_is_told_with_previews() {
    let preview = to_base64(&encode_png(&RgbImage::from_pixel(8, 8, image::Rgb([7; 3])), None).expect("a PNG"));
    let server = FakeServer::web_ui(move |name, asked| match name {
        "progress" => Some(Reply::Json(
            200,
            json!({"progress": 0.5, "state": {"sampling_step": 2, "sampling_steps": 4}, "current_image": preview}),
        )),
        "txt2img" => Some(Reply::Late(Duration::from_millis(400), picture(&asked.body))),
        _ => None,
    });
    let (_, events) = made(&mut server.engine(), &request(Settings { batch: 1, ..settings() }, Plan::default(), None));
    let steps: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Step { image, step, steps, preview } => {
                Some((*image, *step, *steps, preview.dimensions(), preview.get_pixel(0, 0).0))
            }
            _ => None,
        })
        .collect();
    assert_eq!(steps, [(0, 2, 4, (8, 8), [7; 3])], "each step once");
}

#[test]
fn a_server_without_progress_samplers_and_schedules_is_used_all_the_same() {
    let server = FakeServer::web_ui(|name, asked| match name {
        "progress" | "interrupt" | "options" | "samplers" | "schedulers" => Some(Reply::Json(404, json!({}))),
        // More than a second, so that the time is told.
        "txt2img" => Some(Reply::Late(Duration::from_millis(1300), picture(&asked.body))),
        _ => None,
    });
    let settings = Settings { sampler: Sampler::Euler, schedule: Schedule::Automatic, batch: 2, ..settings() };
    let (pictures, events) = made(&mut server.engine(), &request(settings, Plan::default(), None));
    let notices = events
        .iter()
        .filter(|event| matches!(event, Event::Notice(text) if text.contains("does not tell how far")))
        .count();
    assert_eq!((pictures.len(), notices), (2, 1), "told once");
    for place in [0, 1] {
        let is_told = |event: &Event| matches!(event, Event::Stage(Stage::Working { image, seconds }) if *image == place && *seconds >= 1);
        assert!(events.iter().any(is_told), "how long picture {place} has taken: {events:?}");
    }
    assert_eq!(server.asked("txt2img")[0].body["sampler_name"], "Euler");
}

#[test]
fn name_and_password_are_sent_with_every_request() {
    let server = FakeServer::web_ui(|_, _| None);
    let login = Login::from_text("anna:secret").expect("a pair");
    let mut engine = WebUiEngine::new(server.url(), Some(login));
    made(&mut engine, &request(Settings { batch: 1, ..settings() }, Plan::default(), None));
    for name in ["sd-models", "samplers", "txt2img"] {
        assert_eq!(server.asked(name)[0].authorization.as_deref(), Some("Basic YW5uYTpzZWNyZXQ="), "{name}");
    }
}

#[test]
fn stable_diffusion_cpp_gets_loras_and_clip_skip_where_it_reads_them_and_its_masks_are_blended_here() {
    let server = FakeServer::web_ui(|name, _| match name {
        // It has this, and neither progress nor interruption.
        "capabilities" => Some(Reply::Json(200, json!({}))),
        "progress" | "interrupt" => Some(Reply::Json(404, json!({}))),
        "samplers" => Some(Reply::Json(200, json!([{"name": "default"}, {"name": "euler"}, {"name": "dpm++2m"}]))),
        "schedulers" => Some(Reply::Json(
            200,
            json!([{"name": "discrete", "label": "discrete"}, {"name": "karras", "label": "karras"}]),
        )),
        "loras" => Some(Reply::Json(200, json!([{"name": "ink", "path": "sub/ink.safetensors"}]))),
        _ => None,
    });
    let mut engine = ServerEngine::with_patience(Server::new(server.url()), Patience::default());
    engine.load(&ModelChoice::Path("dream".into()), &Cancel::default()).expect("is there");
    let start = RgbImage::from_pixel(64, 64, image::Rgb([1, 2, 3]));
    let plan = Plan { mask: Some(Mask::from_fn(64, 64, |x, _| x < 32)), ..Plan::default() };
    let inpaint = Some(Inpaint { blur: 0, inverted: true, ..Inpaint::default() });
    let settings = Settings { prompt: "a pear <lora:ink:0.5>".into(), clip_skip: 2, batch: 1, inpaint, ..settings() };
    let (pictures, _) = made(&mut engine, &request(settings.clone(), plan, Some(start)));
    let asked = &server.asked("img2img")[0].body;
    assert_eq!((&asked["prompt"], &asked["clip_skip"]), (&json!("a pear"), &json!(2)));
    assert_eq!(asked["lora"], json!([{"path": "sub/ink.safetensors", "multiplier": 0.5}]));
    assert_eq!((&asked["sampler_name"], &asked["scheduler"]), (&json!("dpm++2m"), &json!("karras")));
    assert_eq!(
        (&asked["inpainting_mask_invert"], &asked["mask_blur"]),
        (&json!(0), &json!(0)),
        "inverted before it is sent"
    );
    let picture = &pictures[0].2;
    assert_eq!((picture.get_pixel(31, 9).0, picture.get_pixel(32, 9).0), ([1, 2, 3], [5, 100, 200]), "blended here");
    let varied = Settings { variation_strength: 0.2, inpaint: None, ..settings };
    let refused = engine.generate(&request(varied, Plan::default(), None), &Cancel::default(), &mut |_| {});
    assert!(refused.expect_err("refused").to_string().contains("no variation seeds"));
    assert_eq!(server.asked("txt2img").len(), 0, "before anything is sent");
}
