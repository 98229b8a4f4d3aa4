//! Taking over what a picture says about control networks, in either form of the web UI's ControlNet extension.

use super::inpaint::Taken;
use crate::engine::{ControlMode, ControlSettings, Preprocessor};

/// What is done with `ControlNet 0`, `ControlNet 1`, …, by its name in lower case; `None` if it is another setting.
pub(super) fn take(name: &str, value: &str) -> Option<Taken> {
    let number = name.strip_prefix("controlnet ")?;
    number.parse::<usize>().ok()?;
    let pairs = pairs(value);
    let of = |names: &[&str]| pairs.iter().find(|(key, _)| names.contains(&key.as_str())).map(|(_, value)| *value);
    let (Some(module), Some(model)) = (of(&["module", "preprocessor"]), of(&["model"])) else {
        return Some(Taken::Unreadable);
    };
    let Some(preprocessor) = Preprocessor::from_name(module) else {
        return Some(Taken::Left("its preprocessor is not among those that are here"));
    };
    // The model's hash stands behind its name.
    let model = model.split('[').next().unwrap_or(model).trim();
    if model.is_empty() || model.eq_ignore_ascii_case("none") {
        return Some(Taken::Left("it has no ControlNet, only a preprocessor"));
    }
    let mut control = ControlSettings { model: model.into(), preprocessor, ..ControlSettings::default() };
    let number = |names: &[&str]| of(names).map(str::parse::<f64>);
    for (read, to) in [
        (number(&["weight"]), &mut control.weight),
        (number(&["guidance start"]), &mut control.start),
        (number(&["guidance end"]), &mut control.end),
    ] {
        match read {
            Some(Ok(number)) => *to = number,
            Some(Err(_)) => return Some(Taken::Unreadable),
            None => {}
        }
    }
    if let Some(window) = of(&["starting/ending"]) {
        let ends = window.trim_matches(['(', ')']).split_once(',');
        let read = ends.and_then(|(start, end)| Some((start.trim().parse().ok()?, end.trim().parse().ok()?)));
        let Some((start, end)) = read else { return Some(Taken::Unreadable) };
        (control.start, control.end) = (start, end);
    }
    if let Some(mode) = of(&["control mode"]) {
        let Some(mode) = ControlMode::from_name(mode) else { return Some(Taken::Unreadable) };
        control.mode = mode;
    }
    Some(Taken::Set(Box::new(move |settings| settings.controls.push(control))))
}

/// `Name: value, Name: value, …` as pairs, the names in lower case. Commas in brackets belong to values.
fn pairs<'a>(text: &'a str) -> Vec<(String, &'a str)> {
    let (mut depth, mut from, mut parts) = (0usize, 0, Vec::<&'a str>::new());
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    let pair =
        |part: &'a str| part.split_once(':').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()));
    parts.into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Parameters;
    use super::*;
    use crate::engine::{Recipe, Settings};

    fn applied(value: &str) -> (Vec<ControlSettings>, Vec<String>) {
        let value = serde_json::Value::from(value).to_string();
        let text = format!("x\nSteps: 20, Sampler: Euler, Seed: 1, ControlNet 0: {value}");
        let mut settings = Settings { controls: vec![ControlSettings::default()], ..Settings::default() };
        let left = Parameters::read(&text).apply_to(&mut settings);
        (settings.controls, left.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_control_comes_back_as_it_was_written() {
        for (preprocessor, mode) in
            Preprocessor::ALL.into_iter().flat_map(|one| ControlMode::ALL.map(|mode| (one, mode)))
        {
            let control = ControlSettings {
                model: "control_lines".into(),
                preprocessor,
                weight: 0.85,
                start: 0.1,
                end: 0.75,
                mode,
                ..ControlSettings::default()
            };
            let second = ControlSettings { model: "second".into(), ..ControlSettings::default() };
            let controls = vec![control, second];
            let settings = Settings { seed: 3, controls, ..Settings::default() };
            let recipe = Recipe { settings, seed: 3, from_picture: true, ..Recipe::default() };
            let mut back = Settings::default();
            assert_eq!(Parameters::read(&recipe.infotext()).apply_to(&mut back), [], "{}", recipe.infotext());
            assert_eq!(back, recipe.settings);
        }
    }

    #[test]
    fn what_the_extension_writes_is_taken_over() {
        let (controls, left) = applied(
            "Module: lineart_standard (from white bg & black line), Model: control_v11p_sd15_lineart [43d4be0d], \
             Weight: 0.7, Resize Mode: Crop and Resize, Processor Res: 512, Threshold A: 0.5, Threshold B: 0.5, \
             Guidance Start: 0.0, Guidance End: 0.5, Pixel Perfect: True, Control Mode: My prompt is more important, \
             Hr Option: Both",
        );
        let want = ControlSettings {
            model: "control_v11p_sd15_lineart".into(),
            weight: 0.7,
            end: 0.5,
            mode: ControlMode::Prompt,
            ..ControlSettings::default()
        };
        assert_eq!((controls, left), (vec![want], vec![]));
        let (controls, left) = applied(
            "preprocessor: canny, model: control_canny [d14c016b], weight: 1, starting/ending: (0.2, 0.8), \
             resize mode: Just Resize, pixel perfect: False, control mode: Balanced, preprocessor params: (512, 100, 200)",
        );
        let want = ControlSettings {
            model: "control_canny".into(),
            preprocessor: Preprocessor::Canny,
            start: 0.2,
            end: 0.8,
            ..ControlSettings::default()
        };
        assert_eq!((controls, left), (vec![want], vec![]));
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        for (value, reason) in [
            ("Module: openpose_full, Model: control_openpose", "its preprocessor is not among those that are here"),
            ("Module: canny, Model: None", "it has no ControlNet"),
            ("lines", "this is not a value for it"),
            ("Module: canny, Model: x, Weight: much", "this is not a value for it"),
            ("Module: canny, Model: x, Weight: 9", "The weight of a control"),
            ("Module: canny, Model: x, Guidance Start: 0.9, Guidance End: 0.1", "start before it ends"),
        ] {
            let (controls, left) = applied(value);
            assert_eq!(controls, [], "{value}");
            assert!(left.len() == 1 && left[0].contains(reason), "{left:?}");
        }
    }
}
