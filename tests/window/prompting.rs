//! Styles, wildcards, and prompts that were used before.

use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::document::ResultId;
use underpaint::picture::encode_png;
use underpaint::ui::{App, FileCommand, HistoryCommand, PromptCommand, RoundCommand};

use crate::harness::{close, perform, wait};
use crate::script::{Script, window};

fn generate(harness: &mut Harness<'static, App>, script: &Script, pictures: usize) {
    script.allow(pictures);
    perform(harness, RoundCommand::Generate);
    wait(harness, "the round", |app| !app.is_running() && app.document().queue().is_empty());
}

fn prompt_of(harness: &Harness<'static, App>, round: usize, image: usize) -> String {
    let result = harness.state().rounds().result(ResultId { round, image }).expect("made");
    result.recipe.settings.prompt.clone()
}

fn type_text(harness: &mut Harness<'static, App>, text: &str) {
    harness.event(Event::Text(text.into()));
    harness.run_steps(2);
}

#[test]
fn a_style_is_chosen_by_its_name_counts_for_the_round_and_leaves_what_is_typed() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().settings_mut().prompt = "a pear".into();
    harness.state_mut().settings_mut().batch = 1;
    harness.get_by_label("Styles").click();
    harness.run_steps(3);
    harness.get_by_label("Watercolour").click();
    harness.run_steps(3);
    harness.get_by_label("Film still").click();
    harness.run_steps(3);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert_eq!(harness.state().chosen_styles(), ["Watercolour", "Film still"]);
    harness.get_by_label("Without the style Film still").click();
    harness.run_steps(3);
    assert_eq!(harness.state().chosen_styles(), ["Watercolour"]);

    generate(&mut harness, &script, 1);
    let round = &harness.state().rounds().get(1).expect("made").settings;
    assert!(round.prompt.starts_with("watercolour painting of a pear, ") && round.negative.contains("photograph"));
    assert_eq!(prompt_of(&harness, 1, 0), round.prompt, "its file says it too");
    assert_eq!(harness.state().settings().prompt, "a pear");

    // They are there at the next launch; a round that has their words in its prompt is not styled twice.
    wait(&mut harness, "keeping", App::is_kept);
    close(harness);
    let mut harness = window(folder.path(), &script, None);
    assert_eq!(harness.state().chosen_styles(), ["Watercolour"]);
    perform(&mut harness, HistoryCommand::GoBack(1));
    wait(&mut harness, "going back", |app| app.settings().prompt.starts_with("watercolour painting of a pear"));
    assert!(harness.state().chosen_styles().is_empty());
}

#[test]
fn a_prompt_is_kept_as_a_style_and_the_styles_of_the_web_ui_are_imported() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().settings_mut().prompt = "{prompt}, made of glass".into();
    perform(&mut harness, PromptCommand::SaveStyle("Glass".into()));
    assert!(harness.state().status().contains("Glass"), "{}", harness.state().status());
    let csv = folder.path().join("styles.csv");
    std::fs::write(&csv, "name,prompt,negative_prompt\nSilk,silk print,\"a, b\"\n").expect("writes");
    perform(&mut harness, PromptCommand::ImportStyles(csv));
    wait(&mut harness, "importing", |app| app.status() == "1 style was imported.");
    perform(&mut harness, PromptCommand::ImportStyles(folder.path().join("missing.csv")));
    wait(&mut harness, "refusing", |app| app.status().contains("missing.csv"));
    close(harness);

    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().settings_mut().batch = 1;
    harness.state_mut().settings_mut().prompt = "a pear".into();
    for name in ["Glass", "Silk"] {
        perform(&mut harness, PromptCommand::ChooseStyle(name.into(), true));
    }
    generate(&mut harness, &script, 1);
    let round = harness.state().rounds().latest().expect("made");
    assert_eq!(round.settings.prompt, "a pear, made of glass, silk print");
    assert!(round.settings.negative.ends_with("a, b"));
}

#[test]
fn a_style_is_removed_for_good_unless_it_is_brought_back() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    perform(&mut harness, PromptCommand::ChooseStyle("Watercolour".into(), true));
    harness.get_by_label("Styles").click();
    harness.run_steps(4);
    harness.get_by_label("Remove the style Watercolour").click();
    harness.run_steps(4);
    assert!(harness.state().chosen_styles().is_empty());
    assert!(harness.query_by_label("Remove the style Watercolour").is_none());
    harness.get_by_label("Bring “Watercolour” back").click();
    harness.run_steps(4);
    harness.get_by_label("Remove the style Watercolour").click();
    harness.run_steps(4);
    close(harness);

    let mut harness = window(folder.path(), &script, None);
    harness.get_by_label("Styles").click();
    harness.run_steps(4);
    assert!(harness.query_by_label("Remove the style Watercolour").is_none(), "not kept");
    assert!(harness.query_by_label("Remove the style Film still").is_some());
}

#[test]
fn each_picture_gets_its_own_line_of_a_wildcard_and_the_same_seeds_get_the_same() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let wildcards = folder.path().join("data/wildcards");
    std::fs::create_dir_all(&wildcards).expect("folders");
    std::fs::write(wildcards.join("fruit.txt"), "apple\npear\nplum\nfig\nlime\nkiwi\nquince").expect("writes");
    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().settings_mut().prompt = "a ripe __fruit__".into();
    generate(&mut harness, &script, 3);
    let first: Vec<String> = (0..3).map(|image| prompt_of(&harness, 1, image)).collect();
    assert!(first.iter().all(|prompt| prompt.starts_with("a ripe ") && !prompt.contains("__")), "{first:?}");
    assert!(first.iter().any(|prompt| *prompt != first[0]), "{first:?}");
    assert_eq!(script.made(), [100, 101, 102]);
    assert_eq!(harness.state().rounds().get(1).expect("made").settings.prompt, "a ripe __fruit__");
    generate(&mut harness, &script, 3);
    assert_eq!((0..3).map(|image| prompt_of(&harness, 2, image)).collect::<Vec<_>>(), first);
}

#[test]
fn an_earlier_prompt_is_found_by_its_words_with_the_keyboard_alone() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().settings_mut().batch = 1;
    for (prompt, negative) in [("a green apple on a table", "blurry"), ("a pear", ""), ("a red brick", "")] {
        let mut settings = harness.state_mut().settings_mut();
        (settings.prompt, settings.negative) = (prompt.into(), negative.into());
        drop(settings);
        generate(&mut harness, &script, 1);
    }
    wait(&mut harness, "keeping", App::is_kept);
    close(harness);
    // Another document knows them too.
    std::fs::remove_file(folder.path().join("data/untitled.underpaint")).expect("removes");
    let mut harness = window(folder.path(), &script, None);
    assert_eq!(harness.state().rounds().count(), 0);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::H);
    harness.run_steps(3);
    for name in ["a green apple on a table", "a pear", "a red brick"] {
        harness.get_by_label(name);
    }
    type_text(&mut harness, "TABLE apple");
    assert!(harness.query_by_label("a pear").is_none());
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let settings = harness.state().settings();
    assert_eq!((settings.prompt.as_str(), settings.negative.as_str()), ("a green apple on a table", "blurry"));
    assert!(harness.query_by_label("Find by words").is_none(), "the dialog is gone");

    harness.get_by_label("Earlier prompts").click();
    harness.run_steps(3);
    type_text(&mut harness, "no such words");
    harness.get_by_label_contains("No prompt that was used before");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label("Find by words").is_none());
}

#[test]
fn an_opened_picture_gives_the_prompt_that_its_wildcards_were_in() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("fig.png");
    let line = "Steps: 3, Sampler: Euler, CFG scale: 2, Seed: 5, Size: 64x64, Model: starter";
    let text = format!("a fig\nNegative prompt: fog\n{line}, Template: a __fruit__");
    std::fs::write(&path, encode_png(&image::RgbImage::new(64, 64), Some(&text)).expect("encodes")).expect("writes");
    let mut harness = crate::harness::window(folder.path());
    for (button, prompt) in [("Use its template", "a __fruit__"), ("Use its settings", "a fig")] {
        perform(&mut harness, FileCommand::Open(path.clone()));
        let opened = std::time::Instant::now();
        while harness.query_by_label(button).is_none() {
            assert!(opened.elapsed().as_secs() < 60, "{button} is never offered");
            std::thread::sleep(std::time::Duration::from_millis(10));
            harness.step();
        }
        harness.get_by_label(button).click();
        harness.run_steps(3);
        let settings = harness.state().settings();
        assert_eq!((settings.prompt.as_str(), settings.negative.as_str(), settings.steps), (prompt, "fog", 3));
        assert!(harness.query_by_label(button).is_none(), "the offer is gone");
    }
}

#[test]
fn a_negative_prompt_says_where_it_is_not_used() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = crate::harness::window(folder.path());
    let note = "not used at CFG scale 1";
    for (scale, negative, said) in [(1.0, "fog", true), (1.5, "fog", false), (1.0, " ", false)] {
        harness.state_mut().settings_mut().cfg_scale = scale;
        harness.state_mut().settings_mut().negative = negative.into();
        harness.run_steps(3);
        assert_eq!(harness.query_by_label(note).is_some(), said, "{negative:?} at CFG scale {scale}");
    }
}
