//! Servers and disks that do not do what they should.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use underpaint::engine::Cancel;
use underpaint::hub::{Control, Environment, Expected, FetchLimits, FileRequest, Hub, HubError};

use crate::fake_hub::{COMMIT, FakeHub, limits, noise, repository, request, send_content, sha256};

const MODEL: &str = "model.safetensors";

fn sentence(result: Result<std::path::PathBuf, HubError>) -> String {
    let text = result.expect_err("it should have failed").to_string();
    assert!(text.ends_with('.') && !text.contains("os error"), "{text}");
    text
}

#[test]
fn connections_that_are_cut_cost_no_byte_twice() {
    let bytes = noise(1 << 20, 20);
    let hub = FakeHub::with_model(&bytes);
    // Every answer but the shortest ends in the middle.
    hub.on_content(|_, seen, reply, bytes| {
        let range = seen.range(bytes.len()).unwrap_or(0..bytes.len());
        let sent = if range.len() > 1000 { range.len() / 2 } else { range.len() };
        let named = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
        reply.begin(206, &[("ETag", "\"s\""), ("Content-Range", &named)], Some(range.len()));
        reply.body(&bytes[range.start..range.start + sent]);
        true
    });
    let path = hub.fetch(MODEL).expect("fetches in spite of it");
    assert_eq!(std::fs::read(path).expect("reads"), bytes);
    assert_eq!(hub.contents.body_bytes(), bytes.len() as u64);
}

#[test]
fn a_server_that_always_cuts_ends_in_a_sentence() {
    let hub = FakeHub::with_model(&noise(1 << 20, 21));
    hub.on_content(|_, _, reply, bytes| {
        reply.begin(200, &[("ETag", "\"s\"")], Some(bytes.len()));
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.starts_with("127.0.0.1 could not be reached: the connection was cut; "), "{text}");
}

#[test]
fn a_silent_connection_is_cut_and_asked_again() {
    let bytes = noise(300 << 10, 22);
    let hub = FakeHub::with_model(&bytes);
    hub.on_content(|number, seen, reply, bytes| {
        if number > 0 {
            return false;
        }
        let range = seen.range(bytes.len()).unwrap_or(0..bytes.len());
        let named = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
        reply.begin(206, &[("Content-Range", &named)], Some(range.len()));
        reply.body(&bytes[range.start..range.start + 1000]);
        reply.hang();
        true
    });
    let short = FetchLimits { silence: Duration::from_secs(1), ..limits() };
    let path = hub.fetch_with(short, &Control::default(), &mut |_| ()).expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), bytes);
}

#[test]
fn a_slow_drip_is_no_silence() {
    let bytes = noise(5000, 23);
    let hub = FakeHub::with_model(&bytes);
    hub.on_content(|_, _, reply, bytes| {
        reply.begin(200, &[("ETag", "\"s\"")], Some(bytes.len()));
        for byte in bytes.chunks(200) {
            std::thread::sleep(Duration::from_millis(150));
            reply.body(byte);
        }
        true
    });
    // In all it takes longer than one silence may.
    let short = FetchLimits { silence: Duration::from_secs(3), tries: 1, ..limits() };
    let path = hub.fetch_with(short, &Control::default(), &mut |_| ()).expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), bytes);
    assert_eq!(hub.contents.count(), 1);
}

#[test]
fn a_server_without_ranges_sends_the_file_whole() {
    let bytes = noise(1 << 20, 24);
    let hub = FakeHub::with_model(&bytes);
    hub.on_content(move |_, seen, reply, bytes| {
        // Where a part is asked for, the whole file begins but is cut in the middle, so that it must begin again.
        let is_cut = seen.range(bytes.len()).is_some();
        reply.begin(200, &[("ETag", "\"s\""), ("Accept-Ranges", "none")], Some(bytes.len()));
        reply.body(if is_cut { &bytes[..bytes.len() / 2] } else { bytes });
        true
    });
    let path = hub.fetch(MODEL).expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), bytes);
    assert_eq!(hub.blobs(), [sha256(&bytes)]);
}

#[test]
fn a_server_without_ranges_that_always_cuts_at_the_same_place_ends_in_a_sentence() {
    let hub = FakeHub::with_model(&noise(1 << 20, 25));
    hub.on_content(|_, _, reply, bytes| {
        reply.begin(200, &[("ETag", "\"s\"")], Some(bytes.len()));
        reply.body(&bytes[..bytes.len() / 2]);
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.contains("the connection was cut"), "{text}");
    assert!(hub.contents.count() <= 10, "{} requests", hub.contents.count());
}

#[test]
fn a_file_that_changes_in_the_middle_is_fetched_anew() {
    let (old, new) = (noise(1 << 20, 26), noise((1 << 20) + 77, 27));
    let hub = Arc::new(FakeHub::with_model(&old));
    let (changed, replacing) = (new.clone(), Arc::downgrade(&hub));
    let is_replaced = AtomicBool::new(false);
    hub.on_content(move |number, seen, reply, bytes| {
        // After some parts the repository has another file, and the old one is cut.
        if number < 3 {
            return false;
        }
        if !is_replaced.swap(true, Ordering::SeqCst)
            && let Some(hub) = replacing.upgrade()
        {
            hub.put(MODEL, &changed, true);
            let range = seen.range(bytes.len()).expect("a range");
            let named = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
            reply.begin(206, &[("Content-Range", &named)], Some(range.len()));
            return true;
        }
        false
    });
    let path = hub.fetch(MODEL).expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), new);
}

#[test]
fn contents_that_are_gone_in_the_middle_are_asked_for_by_their_name_again() {
    let (old, new) = (noise(1 << 20, 26), noise((1 << 20) + 77, 27));
    let hub = Arc::new(FakeHub::with_model(&old));
    let (changed, replacing) = (new.clone(), Arc::downgrade(&hub));
    hub.on_content(move |number, seen, reply, bytes| {
        // After some parts the repository has another file, and the second server has thrown the old one away.
        let is_later = seen.range(bytes.len()).is_some_and(|range| range.start > 0);
        if number < 3 || !is_later || bytes == changed {
            return false;
        }
        if let Some(hub) = replacing.upgrade() {
            hub.put(MODEL, &changed, true);
        }
        reply.send(404, &[], b"");
        true
    });
    let path = hub.fetch(MODEL).expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), new);
}

#[test]
fn a_file_that_changes_again_and_again_is_given_up() {
    let hub = Arc::new(FakeHub::with_model(&noise(300 << 10, 28)));
    let changing = Arc::downgrade(&hub);
    let turn = std::sync::atomic::AtomicU64::new(100);
    // Each time its name is asked it is another one.
    hub.on_hub(move |_, _, _, _| {
        if let Some(hub) = changing.upgrade() {
            hub.put(MODEL, &noise(300 << 10, turn.fetch_add(1, Ordering::SeqCst)), true);
        }
        false
    });
    let text = sentence(hub.fetch(MODEL));
    assert_eq!(text, "The file changes while it is fetched; try again later.");
}

#[test]
fn the_same_file_on_another_server_goes_on() {
    let bytes = noise(1 << 20, 29);
    let hub = FakeHub::with_model(&bytes);
    // The second server gives another ETag to every request, so that no If-Range is ever true.
    hub.on_content(|number, seen, reply, bytes| {
        send_content(seen, reply, bytes, &format!("\"server-{number}\""));
        true
    });
    let path = hub.fetch(MODEL).expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), bytes);
}

#[test]
fn wrong_bytes_are_thrown_away_and_a_good_file_stays() {
    let (good, other) = (noise(300 << 10, 30), noise(300 << 10, 31));
    let hub = FakeHub::with_model(&good);
    hub.put("other.safetensors", &other, true);
    let kept = hub.fetch(MODEL).expect("fetches");
    hub.on_content(|_, seen, reply, bytes| {
        let mut wrong = bytes.to_vec();
        wrong[200_000] ^= 1;
        send_content(seen, reply, &wrong, "\"s\"");
        true
    });
    let text = sentence(hub.fetch("other.safetensors"));
    assert_eq!(
        text,
        "a/b:other.safetensors arrived damaged, as its checksum shows, and was thrown away; try again, and on another network if it happens again."
    );
    assert_eq!(hub.blobs(), [sha256(&good)]);
    assert_eq!(std::fs::read(kept).expect("reads"), good);
    hub.on_content(|_, _, _, _| false);
    let path = hub.fetch("other.safetensors").expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), other);
}

#[test]
fn wrong_bytes_of_a_small_file_are_found_by_gits_hash() {
    let hub = FakeHub::new();
    hub.put("config.json", b"{\"a\": 1}", false);
    hub.on_hub(|_, seen, reply, _| {
        let is_get = seen.method == "GET";
        if is_get {
            let etag = "\"f00df00df00df00df00df00df00df00df00df00d\"";
            reply.send(200, &[("X-Repo-Commit", COMMIT), ("ETag", etag)], b"{\"a\": 2}");
        }
        is_get
    });
    let text = sentence(hub.fetch("config.json"));
    assert!(text.contains("arrived damaged"), "{text}");
    assert_eq!(hub.blobs(), [""; 0]);
}

#[test]
fn a_wrong_length_is_said() {
    let hub = FakeHub::with_model(&noise(1 << 20, 32));
    hub.on_content(|_, seen, reply, bytes| {
        send_content(seen, reply, &bytes[..bytes.len() - 5], "\"s\"");
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert_eq!(
        text,
        "a/b:model.safetensors has 1048571 bytes where it is kept and should have 1048576; try again later."
    );
    assert!(!hub.blobs().contains(&sha256(&noise(1 << 20, 32))));
}

#[test]
fn more_bytes_than_were_announced_are_not_kept() {
    let bytes = noise(100 << 10, 33);
    let hub = FakeHub::with_model(&bytes);
    // Without a length, up to the end of the connection.
    hub.on_content(|_, _, reply, bytes| {
        reply.begin(200, &[("ETag", "\"s\"")], None);
        reply.body(bytes);
        reply.body(b"more");
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.contains("sent more than the file has"), "{text}");
    assert!(!hub.blobs().contains(&sha256(&bytes)));
}

#[test]
fn another_part_than_was_asked_for_is_refused() {
    let hub = FakeHub::with_model(&noise(1 << 20, 34));
    hub.on_content(|_, _, reply, bytes| {
        let named = format!("bytes 7-99/{}", bytes.len());
        reply.send(206, &[("Content-Range", &named)], &bytes[7..100]);
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.starts_with("The server sent another part of a/b:model.safetensors"), "{text}");
}

#[test]
fn a_range_that_cannot_be_satisfied_means_another_file() {
    let hub = FakeHub::with_model(&noise(1 << 20, 35));
    hub.on_content(|_, _, reply, _| {
        reply.send(416, &[("Content-Range", "bytes */10")], b"");
        true
    });
    assert_eq!(sentence(hub.fetch(MODEL)), "The file changes while it is fetched; try again later.");
}

#[test]
fn a_fault_that_passes_is_tried_again() {
    for status in [408, 429, 500, 502, 503, 504] {
        let bytes = noise(10_000, 36);
        let hub = FakeHub::with_model(&bytes);
        // The hub and the second server each fail twice.
        hub.on_hub(move |number, _, reply, _| {
            if number < 2 {
                reply.send(status, &[("Retry-After", "0")], b"");
            }
            number < 2
        });
        hub.on_content(move |number, _, reply, _| {
            if number < 2 {
                reply.send(status, &[], b"");
            }
            number < 2
        });
        let path = hub.fetch(MODEL).unwrap_or_else(|error| panic!("{status}: {error}"));
        assert_eq!(std::fs::read(path).expect("reads"), bytes);
    }
}

#[test]
fn a_server_that_stays_at_fault_or_wants_a_long_wait_is_given_up() {
    let hub = FakeHub::with_model(&noise(10_000, 37));
    hub.on_content(|_, _, reply, _| {
        reply.send(503, &[], b"");
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.starts_with("127.0.0.1 could not be reached: it has a fault of its own; "), "{text}");
    assert_eq!(hub.contents.count(), limits().tries as usize);
    hub.on_hub(|_, _, reply, _| {
        reply.send(429, &[("Retry-After", "3600")], b"");
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.contains("it is asked too often and asks to wait 60 minutes"), "{text}");
}

#[test]
fn an_expired_link_of_the_second_server_is_asked_for_again() {
    let bytes = noise(300 << 10, 38);
    let hub = FakeHub::with_model(&bytes);
    hub.on_content(|number, _, reply, _| {
        if number == 0 {
            reply.send(403, &[], b"Request has expired");
        }
        number == 0
    });
    let path = hub.fetch(MODEL).expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), bytes);
}

#[test]
fn a_web_page_is_no_answer() {
    let page = ("Content-Type", "text/html; charset=utf-8");
    let hub = FakeHub::with_model(&noise(300 << 10, 39));
    hub.on_content(move |_, _, reply, _| {
        reply.send(200, &[page], b"<html>Sign in</html>");
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.starts_with("127.0.0.1 answered with a web page instead of a/b:model.safetensors"), "{text}");
    hub.on_hub(move |_, _, reply, _| {
        reply.send(200, &[page], b"<html>Sign in</html>");
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.contains("answered without a commit") && text.contains("sign in"), "{text}");
    let text = hub.open().list(&repository(), &Cancel::default()).expect_err("no list").to_string();
    assert!(text.contains("something else than the list of a/b's files"), "{text}");
}

#[test]
fn a_content_that_no_file_can_be_named_after_is_refused() {
    let hub = FakeHub::with_model(b"x");
    hub.on_hub(|_, _, reply, _| {
        let etag = "\"../../../evil\"";
        reply.send(200, &[("X-Repo-Commit", COMMIT), ("ETag", etag)], b"x");
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.contains("without an ETag"), "{text}");
}

#[test]
fn redirects_without_end_are_left() {
    let hub = FakeHub::with_model(b"x");
    hub.on_hub(|number, _, reply, _| {
        reply.send(307, &[("Location", &format!("/turn/{number}"))], b"");
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.contains("without end"), "{text}");
    assert_eq!(hub.hub.count(), 11);
}

#[test]
fn another_file_than_the_catalogue_names_is_not_even_begun() {
    let bytes = noise(10_000, 40);
    let hub = FakeHub::with_model(&bytes);
    for expected in [Expected { size: Some(9), sha256: None }, Expected { size: None, sha256: Some("0".repeat(64)) }] {
        let request = FileRequest { expected, ..request(MODEL) };
        let text = sentence(hub.open().fetch(&request, &Control::default(), &mut |_| ()));
        assert!(text.starts_with("a/b:model.safetensors is not the file that was expected"), "{text}");
    }
    assert_eq!(hub.contents.count(), 0);
    let expected = Expected { size: Some(10_000), sha256: Some(sha256(&bytes).to_uppercase()) };
    let request = FileRequest { expected, ..request(MODEL) };
    assert!(hub.open().fetch(&request, &Control::default(), &mut |_| ()).is_ok());
}

#[test]
fn a_file_that_does_not_fit_is_not_begun() {
    let hub = FakeHub::with_model(b"x");
    hub.on_hub(|_, _, reply, _| {
        let hash = "\"".to_owned() + &"a".repeat(64) + "\"";
        let headers = [
            ("X-Repo-Commit", COMMIT),
            ("X-Linked-Etag", hash.as_str()),
            ("X-Linked-Size", "9000000000000000000"),
            ("Location", "/elsewhere"),
        ];
        reply.send(200, &headers, b"");
        true
    });
    let text = sentence(hub.fetch(MODEL));
    assert!(text.starts_with("a/b:model.safetensors needs 9000000000.0 GB of disk space"), "{text}");
    assert_eq!(hub.hub.count(), 1, "nothing is asked for");
}

/// `/dev/full` is a disk without room.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_is_said_and_what_was_there_stays() {
    let (good, other) = (noise(10_000, 41), noise(300 << 10, 42));
    let hub = FakeHub::with_model(&good);
    hub.put("other.safetensors", &other, true);
    let kept = hub.fetch(MODEL).expect("fetches");
    let part = hub.cache().join("models--a--b/blobs").join(format!("{}.underpaint-part", sha256(&other)));
    std::os::unix::fs::symlink("/dev/full", &part).expect("links");
    let text = sentence(hub.fetch("other.safetensors"));
    assert!(text.contains("could not be written: the disk is full; make room and try again"), "{text}");
    assert_eq!(std::fs::read(kept).expect("reads"), good);
    std::fs::remove_file(part).expect("removes");
    assert!(hub.fetch("other.safetensors").is_ok());
}

#[test]
fn a_cache_that_cannot_be_written_is_said() {
    let hub = FakeHub::with_model(&noise(10_000, 43));
    let file = hub.cache().with_file_name("file");
    std::fs::write(&file, "").expect("writes");
    let environment = Environment { cache: file.join("cache"), ..hub.environment() };
    let client = Hub::with_limits(environment, limits()).expect("opens");
    let text = sentence(client.fetch(&request(MODEL), &Control::default(), &mut |_| ()));
    assert!(text.contains("could not be written") && text.contains("HF_HUB_CACHE"), "{text}");
    assert_eq!(hub.contents.count(), 0);
}

#[test]
fn a_file_that_another_program_left_half_fetched_is_not_taken_for_ours() {
    let bytes = noise(300 << 10, 44);
    let hub = FakeHub::with_model(&bytes);
    let blobs = hub.cache().join("models--a--b/blobs");
    std::fs::create_dir_all(&blobs).expect("folders");
    let theirs = blobs.join(format!("{}.incomplete", sha256(&bytes)));
    std::fs::write(&theirs, b"something else").expect("writes");
    let path = hub.fetch(MODEL).expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), bytes);
    assert_eq!(std::fs::read(theirs).expect("is left alone"), b"something else");
}
