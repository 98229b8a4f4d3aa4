//! Jobs that wait, are looked at, interrupted and given up.

use serde_json::json;

use crate::harness::{TestServer, info, long, pictures, small, with};

#[test]
fn a_running_job_is_looked_at_and_interrupted() {
    let server = TestServer::start(&[]);
    std::thread::scope(|scope| {
        let job = scope.spawn(|| server.post("txt2img", &long()));
        let progress = server.wait_for_steps();
        let share = progress["progress"].as_f64().expect("a share");
        assert!(share > 0.0 && share < 1.0 && progress["eta_relative"].as_f64() > Some(0.0), "{progress}");
        let state = &progress["state"];
        assert_eq!(
            (&state["job"], &state["job_count"], &state["sampling_steps"]),
            (&json!("txt2img"), &json!(16), &json!(150))
        );
        let preview = pictures(&json!({"images": [progress["current_image"]]})).remove(0).0;
        assert!(preview.width() > 1 && preview.pixels().any(|pixel| pixel != preview.get_pixel(0, 0)), "a preview");
        let (_, without) = server.get("progress?skip_current_image=true");
        assert!(without["current_image"].is_null());
        assert_eq!(server.post_text("interrupt", "").0, 200);
        let (status, answer) = job.join().expect("an answer");
        assert_eq!((status, answer["images"].as_array().map(Vec::len)), (200, Some(0)));
        assert_eq!(info(&answer)["interrupted"], true);
    });
    server.wait_until_idle();
    assert_eq!(server.post("txt2img", &small()).0, 200, "the next job runs as ever");
}

#[test]
fn a_picture_is_skipped_and_the_others_are_made() {
    let server = TestServer::start(&[]);
    let request = with(long(), json!({"width": 256, "height": 256, "batch_size": 2}));
    let (status, answer) = std::thread::scope(|scope| {
        let job = scope.spawn(|| server.post("txt2img", &request));
        server.wait_for_steps();
        assert_eq!(server.post_text("skip", "").0, 200);
        job.join().expect("an answer")
    });
    assert_eq!(status, 200);
    assert_eq!(info(&answer)["all_seeds"], json!([6]), "the first was skipped");
    assert_eq!(pictures(&answer).len(), 1);
}

#[test]
fn a_full_queue_refuses_and_a_client_that_leaves_frees_its_place() {
    let server = TestServer::start(&["--queue", "1"]);
    let running = server.send_and_hold("txt2img", &long());
    server.wait_for_steps();
    let waiting = server.send_and_hold("txt2img", &small());
    server.wait_for("one waits", |progress| progress["state"]["queue_length"] == 1);
    let (status, answer) = server.post("txt2img", &small());
    assert!(status == 503 && answer["detail"].as_str().expect("a sentence").contains("queue is full"), "{answer}");
    drop(waiting);
    server.wait_for("none waits", |progress| progress["state"]["queue_length"] == 0);
    std::thread::scope(|scope| {
        let next = scope.spawn(|| server.post("txt2img", &small()));
        server.wait_for("another waits", |progress| progress["state"]["queue_length"] == 1);
        // Whoever asked for the running job is gone, so it ends and the next one's turn comes.
        drop(running);
        assert_eq!(next.join().expect("an answer").0, 200);
    });
    server.wait_until_idle();
}
