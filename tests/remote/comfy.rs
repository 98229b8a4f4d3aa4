//! ComfyUI as the engine, played by a small server with every fault.

use std::sync::Arc;

use underpaint::engine::{
    Cancel, Engine, Error, Event, Inpaint, Mask, ModelChoice, Plan, RegionPrompt, SecondPass, Settings,
};
use underpaint::remote::{OwnGraph, Patience, ServerEngine, ServerKind, ask_health};

use crate::answers::{request, settings};
use crate::fake_comfy::{FakeComfy, Plot, patience};

/// What was reported of a job.
#[derive(Default)]
struct Told {
    finished: Vec<(usize, u8)>,
    steps: Vec<(usize, usize)>,
    previews: usize,
    notices: Vec<String>,
}

fn make(engine: &mut dyn Engine, settings: Settings, plan: Plan, start: bool) -> (Result<(), Error>, Told) {
    let start = start.then(|| image::RgbImage::from_pixel(64, 64, image::Rgb([5, 6, 7])));
    let mut told = Told::default();
    let done = engine.generate(&request(settings, plan, start), &Cancel::default(), &mut |event| match event {
        Event::Finished(made) => told.finished.push((made.image, made.picture.get_pixel(3, 3).0[0])),
        Event::Step { step, steps, preview, .. } => {
            told.steps.push((step, steps));
            told.previews += usize::from(preview.width() == 128);
        }
        Event::Notice(text) => told.notices.push(text),
        Event::Stage(_) => {}
    });
    (done, told)
}

#[test]
fn a_batch_is_made_with_steps_and_previews_and_leaves_nothing_else_behind() {
    let server = FakeComfy::new(Plot::Finish);
    let health = ask_health(&server.server(), patience()).expect("answers");
    assert_eq!((health.kind, health.program.as_str(), health.jobs), (ServerKind::ComfyUi, "ComfyUI 0.3.64", Some(0)));
    assert_eq!(health.models, ["dream"]);
    let mut engine = server.engine();
    engine.load(&ModelChoice::Path("dream".into()), &Cancel::default()).expect("has it");
    let lacks = engine.load(&ModelChoice::Path("other".into()), &Cancel::default()).expect_err("lacks it");
    assert_eq!(lacks.to_string(), format!("{} has no model called other; it has dream.", server.host()));
    let (done, told) = make(&mut engine, settings(), Plan::default(), false);
    done.expect("makes them");
    assert_eq!(told.finished, [(0, 5), (1, 6), (2, 7)], "each with its own seed");
    assert!(told.steps.contains(&(1, 2)) && told.steps.contains(&(2, 2)), "{:?}", told.steps);
    assert!(told.previews > 0 && told.notices.is_empty());
    let made_with = engine.made_with(&ModelChoice::Path("dream".into())).program;
    assert!(made_with.starts_with("ComfyUI 0.3.64 through underpaint"), "{made_with}");
}

#[test]
fn a_start_picture_and_a_mask_are_uploaded_and_what_is_not_masked_stays() {
    let server = FakeComfy::new(Plot::Finish);
    let plan = Plan { mask: Some(Mask::from_fn(64, 64, |x, _| x >= 40)), ..Plan::default() };
    let settings = Settings { batch: 1, strength: 0.5, steps: 10, feather: 0, keep_unpainted: true, ..settings() };
    let (done, told) = make(&mut server.engine(), settings.clone(), plan, true);
    done.expect("makes it");
    assert_eq!(told.finished, [(0, 5)], "not masked at 3, 3");
    assert_eq!(server.asked("/upload/image").len(), 2);
    let graph = &server.asked("/prompt")[0]["prompt"];
    let name = graph["start"]["inputs"]["image"].as_str().expect("a name");
    assert!(name.starts_with("underpaint/underpaint-") && name.ends_with(".png [temp]"), "{name}");
    assert_eq!(graph["masked"]["class_type"], "SetLatentNoiseMask");
    let (whole, run) = settings.planned_steps(true);
    assert_eq!(graph["sampler"]["inputs"]["start_at_step"], whole - run);
}

#[test]
fn a_websocket_that_closes_or_is_refused_costs_only_the_previews() {
    for plot in [Plot::CutSocket, Plot::NoSocket] {
        let server = FakeComfy::new(plot);
        let (done, told) = make(&mut server.engine(), settings(), Plan::default(), false);
        done.unwrap_or_else(|error| panic!("{plot:?}: {error}"));
        assert_eq!(told.finished.len(), 3, "{plot:?}");
    }
}

#[test]
fn every_fault_is_one_sentence_about_the_server() {
    for (plot, word) in [
        (Plot::Fail, "CUDA out of memory"),
        (Plot::Refuse, "not in []"),
        (Plot::Lose, "removed there"),
        (Plot::WrongSize, "72 by 72"),
        (Plot::NoPicture, "no picture that can be read"),
        (Plot::Hang, ""),
    ] {
        let server = FakeComfy::new(plot);
        let (done, told) = make(&mut server.engine(), Settings { batch: 1, ..settings() }, Plan::default(), false);
        let text = done.expect_err("a fault").to_string();
        assert!(text.contains(word) && text.contains(server.host()) && text.ends_with('.'), "{plot:?}: {text}");
        assert!(told.finished.is_empty());
    }
}

#[test]
fn cancelling_takes_its_own_job_from_the_queue_or_interrupts_it() {
    for (plot, interrupts) in [(Plot::Wait, false), (Plot::Run, true)] {
        let server = FakeComfy::new(plot);
        let cancel = Cancel::default();
        let mut notices = Vec::new();
        let done = std::thread::scope(|scope| {
            scope.spawn(|| {
                while server.asked("/queue").len() < 2 {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                cancel.cancel();
            });
            let mut engine = server.engine();
            engine.generate(&request(settings(), Plan::default(), None), &cancel, &mut |event| {
                if let Event::Notice(text) = event {
                    notices.push(text);
                }
            })
        });
        assert!(matches!(done, Err(Error::Cancelled)), "{done:?}");
        let job = server.asked("/prompt")[0]["prompt_id"].clone();
        let told = (0..400).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(5));
            let deletes = server.asked("/queue").into_iter().any(|body| body["delete"][0] == job);
            deletes && (!interrupts || server.asked("/interrupt").iter().any(|body| body["prompt_id"] == job))
        });
        assert!(told, "{plot:?}: the server is told");
        assert!(interrupts || server.asked("/interrupt").is_empty(), "another person's job goes on");
        let waits = format!("{} makes 1 job of others first.", server.host());
        assert_eq!(notices, if interrupts { vec![] } else { vec![waits] });
    }
}

#[test]
fn a_graph_that_a_person_exported_gets_its_inputs() {
    let server = FakeComfy::new(Plot::Finish);
    let text = r#"{"result": {"class_type": "PreviewImage", "inputs": {"images": ["x", 0]}},
        "x": {"class_type": "Anything", "inputs": {"text": "", "seed": 0, "image": ""}, "_meta": {"title": "underpaint: prompt seed canvas"}}}"#;
    let graph = Some(Arc::new(OwnGraph::parse(text).expect("a graph")));
    let mut engine = ServerEngine::with_patience(server.server(), patience()).with_graph(graph);
    let settings = Settings { batch: 1, prompt: "a plum".into(), strength: 0.5, ..settings() };
    let (done, told) = make(&mut engine, settings, Plan::default(), true);
    done.expect("makes it");
    assert_eq!(told.finished.len(), 1);
    let inputs = &server.asked("/prompt")[0]["prompt"]["x"]["inputs"];
    assert_eq!((inputs["text"].as_str(), inputs["seed"].as_u64()), (Some("a plum"), Some(5)));
    assert!(inputs["image"].as_str().is_some_and(|name| name.ends_with("[temp]")), "{inputs}");
}

#[test]
fn the_web_uis_mask_is_inverted_before_it_is_sent_and_blended_here() {
    let server = FakeComfy::new(Plot::Finish);
    let plan = Plan { mask: Some(Mask::from_fn(64, 64, |x, _| x < 40)), ..Plan::default() };
    let inpaint = Some(Inpaint { blur: 0, inverted: true, ..Inpaint::default() });
    let settings = Settings { batch: 1, strength: 0.5, inpaint, keep_unpainted: true, ..settings() };
    let mut picture = None;
    let start = Some(image::RgbImage::from_pixel(64, 64, image::Rgb([90, 6, 7])));
    server
        .engine()
        .generate(&request(settings, plan, start), &Cancel::default(), &mut |event| {
            if let Event::Finished(made) = event {
                picture = Some(made.picture);
            }
        })
        .expect("makes it");
    let picture = picture.expect("a picture");
    assert_eq!((picture.get_pixel(39, 3).0[0], picture.get_pixel(40, 3).0[0]), (90, 5), "kept, and made");
}

#[test]
fn a_second_pass_and_regions_are_refused_with_and_without_a_graph() {
    let server = FakeComfy::new(Plot::Finish);
    let text = r#"{"1": {"class_type": "SaveImage", "inputs": {"images": ["x", 0]}},
        "x": {"class_type": "Anything", "inputs": {"text": "", "image": ""}, "_meta": {"title": "underpaint: prompt canvas"}}}"#;
    let graph = Arc::new(OwnGraph::parse(text).expect("a graph"));
    for own in [None, Some(graph)] {
        let mut engine = ServerEngine::with_patience(server.server(), patience()).with_graph(own);
        let pass = Settings { second_pass: Some(SecondPass { overlap: 0, ..SecondPass::default() }), ..settings() };
        let (done, _) = make(&mut engine, pass, Plan::default(), true);
        assert!(done.expect_err("refused").to_string().contains("second pass"));
        let regions = vec![RegionPrompt { prompt: "a plum".into(), layer: None }];
        let plan = Plan { regions: vec![Mask::from_fn(64, 64, |x, _| x < 9)], ..Plan::default() };
        let (done, _) = make(&mut engine, Settings { regions, ..settings() }, plan, false);
        assert!(done.expect_err("refused").to_string().contains("regions"));
    }
    assert_eq!(server.asked("/prompt").len(), 0);
}

#[test]
fn a_server_that_ends_in_the_middle_is_known_before_its_silence_counts() {
    let server = FakeComfy::new(Plot::Run);
    // So long that the test would never end if silence were waited for.
    let patience = Patience { silence: std::time::Duration::from_secs(24 * 3600), ..patience() };
    let mut engine = ServerEngine::with_patience(server.server(), patience);
    let done = std::thread::scope(|scope| {
        scope.spawn(|| {
            while server.asked("/queue").len() < 2 {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            server.end();
        });
        engine.generate(&request(settings(), Plan::default(), None), &Cancel::default(), &mut |_| {})
    });
    let text = done.expect_err("it has ended").to_string();
    assert!(text.contains("has ended before") && text.contains(server.host()), "{text}");
}
