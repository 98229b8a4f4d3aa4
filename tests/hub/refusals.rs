//! What the hub refuses, and who is told the token.

use underpaint::engine::Cancel;
use underpaint::hub::{Control, Environment, Hub, HubError, Repository};

use crate::fake_hub::{FakeHub, limits, noise, repository, request};

const TOKEN: &str = "hf_secret";

fn with_token(hub: &FakeHub) -> Hub {
    let environment = Environment { token: Some(TOKEN.into()), ..hub.environment() };
    Hub::with_limits(environment, limits()).expect("opens")
}

/// What a hub that answers with this status and code lets a person know.
fn refusal(status: u16, code: &'static str, has_token: bool) -> String {
    let hub = FakeHub::with_model(b"x");
    hub.on_hub(move |_, _, reply, _| {
        reply.send(status, &[("X-Error-Code", code), ("X-Error-Message", "in the hub's words")], b"");
        true
    });
    let client = if has_token { with_token(&hub) } else { hub.open() };
    let fetched = client.fetch(&request("model.safetensors"), &Control::default(), &mut |_| ());
    let text = fetched.expect_err("is refused").to_string();
    assert_eq!(hub.hub.count(), 1, "asking again does not help: {text}");
    assert!(!text.contains(TOKEN) && text.ends_with('.'), "{text}");
    text.replace(&hub.hub.address, "HUB")
}

#[test]
fn a_gated_model_says_how_to_get_access() {
    for status in [401, 403] {
        assert_eq!(
            refusal(status, "GatedRepo", false),
            "Access to a/b must be granted first: sign in at HUB/a/b, accept its terms, make an access token at HUB/settings/tokens, set HF_TOKEN to it, and try again."
        );
        assert_eq!(
            refusal(status, "GatedRepo", true),
            "Access to a/b must be granted first: open HUB/a/b, accept its terms, and try again."
        );
    }
}

#[test]
fn a_private_or_missing_model_and_a_bad_token_are_told_apart() {
    assert_eq!(
        refusal(401, "RepoNotFound", false),
        "a/b does not exist or is private: check the name, or set HF_TOKEN to an access token from HUB/settings/tokens."
    );
    assert_eq!(
        refusal(401, "", true),
        "The hub does not accept the access token; make a new one at HUB/settings/tokens."
    );
    assert_eq!(
        refusal(403, "", true),
        "The access token does not allow a/b: give it the right to read this repository at HUB/settings/tokens."
    );
}

#[test]
fn what_is_not_there_or_has_moved_is_named() {
    assert_eq!(
        refusal(404, "EntryNotFound", false),
        "a/b has no file model.safetensors; it may have been moved or renamed: see HUB/a/b/tree/main."
    );
    assert_eq!(
        refusal(404, "RevisionNotFound", false),
        "a/b has no revision main; see which there are at HUB/a/b/refs."
    );
    assert_eq!(
        refusal(404, "RepoNotFound", true),
        "a/b is not on the hub; it may have been moved or removed: search at HUB."
    );
    assert_eq!(
        refusal(404, "", false),
        "a/b:model.safetensors is not on the hub; it may have been moved or removed: see HUB/a/b."
    );
    assert_eq!(
        refusal(418, "", false),
        "The hub answered with status 418 when asked for a/b:model.safetensors; try again later."
    );
}

#[test]
fn a_list_is_refused_in_the_same_words() {
    let hub = FakeHub::new();
    let missing = Repository::new("no/such").expect("a repository");
    let text = hub.open().list(&missing, &Cancel::default()).expect_err("is refused").to_string();
    assert!(text.starts_with("no/such"), "{text}");
    hub.on_hub(|_, _, reply, _| {
        reply.send(403, &[("X-Error-Code", "GatedRepo")], b"");
        true
    });
    match hub.open().list(&repository(), &Cancel::default()) {
        Err(HubError::Access { page, .. }) => assert_eq!(page, format!("{}/a/b", hub.hub.address)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_model_that_was_renamed_is_found_under_its_new_name() {
    let bytes = noise(10_000, 50);
    let hub = FakeHub::with_model(&bytes);
    hub.on_hub(|_, seen, reply, _| {
        let moved = seen.path.strip_prefix("/old/name/").map(|rest| format!("/a/b/{rest}"));
        if let Some(location) = &moved {
            reply.send(307, &[("Location", location)], b"");
        }
        moved.is_some()
    });
    let old =
        underpaint::hub::FileRequest::new(Repository::new("old/name").expect("a repository"), "model.safetensors");
    let path = with_token(&hub).fetch(&old, &Control::default(), &mut |_| ()).expect("fetches");
    assert_eq!(std::fs::read(&path).expect("reads"), bytes);
    assert!(path.starts_with(hub.cache().join("models--old--name")), "{}", path.display());
}

#[test]
fn the_token_is_for_the_hub_alone() {
    let hub = FakeHub::with_model(&noise(1 << 20, 51));
    let client = with_token(&hub);
    client.list(&repository(), &Cancel::default()).expect("lists");
    client.fetch(&request("model.safetensors"), &Control::default(), &mut |_| ()).expect("fetches");
    let bearer = format!("Bearer {TOKEN}");
    assert!(hub.hub.log().iter().all(|seen| seen.header("authorization") == Some(&bearer)), "{:?}", hub.hub.log());
    let others = hub.contents.log();
    assert!(others.len() >= 4);
    for seen in others {
        assert!(!format!("{seen:?}").contains(TOKEN) && seen.header("authorization").is_none(), "{seen:?}");
    }
}
