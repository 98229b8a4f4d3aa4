//! Executes the commands of the overview of shortcuts.

use super::Services;
use crate::jobs::FileTask;
use crate::ui::ShortcutCommand;
use crate::ui::keymap::{self, ActionId, KeyChord, Keymap};
use crate::ui::shortcuts::{Asked, KEPT_IN};
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ShortcutCommand) {
    let map = keymap::in_force(&services.ctx);
    let shortcuts = &mut state.shortcuts;
    shortcuts.refusal = None;
    match command {
        ShortcutCommand::Show => {
            (shortcuts.is_open, shortcuts.focuses_filter) = (true, true);
            shortcuts.filter.clear();
        }
        ShortcutCommand::Close => (shortcuts.is_open, shortcuts.asked) = (false, None),
        ShortcutCommand::Ask(action, place) => shortcuts.asked = Some(Asked { action, place, taken: None }),
        ShortcutCommand::Press(chord) => press(state, services, &map, chord),
        ShortcutCommand::Swap => swap(state, services, &map),
        ShortcutCommand::Remove => {
            if let Some(asked) = shortcuts.asked.take() {
                let mut keys = map.keys(asked.action);
                if asked.place < keys.len() {
                    keys.remove(asked.place);
                }
                use_keys(state, services, map.with_keys(asked.action, &keys));
            }
        }
        ShortcutCommand::StopAsking => shortcuts.asked = None,
        ShortcutCommand::Reset(action) => reset(state, services, &map, action),
        ShortcutCommand::UsePreset(preset) => {
            shortcuts.asked = None;
            use_keys(state, services, Keymap::of_preset(preset));
        }
    }
}

/// The keys that were asked for.
fn press(state: &mut WindowState, services: &Services, map: &Keymap, chord: KeyChord) {
    let shortcuts = &mut state.shortcuts;
    let Some(asked) = shortcuts.asked else { return };
    if chord.is_the_clipboards() {
        let name = chord.name(&services.ctx);
        shortcuts.refusal = Some(format!("{name} always copies, cuts or pastes. Press other keys."));
        return;
    }
    if let Some(other) = map.competitor(chord, asked.action) {
        shortcuts.asked = Some(Asked { taken: Some((chord, other)), ..asked });
        return;
    }
    shortcuts.asked = None;
    use_keys(state, services, map.with_keys(asked.action, &placed(map, asked, chord)));
}

/// The keys of the action with these in the place that was asked for.
fn placed(map: &Keymap, asked: Asked, chord: KeyChord) -> Vec<KeyChord> {
    let mut keys = map.keys(asked.action);
    keys.retain(|key| *key != chord || keys_at(map, asked) == Some(chord));
    match keys.get_mut(asked.place) {
        Some(place) => *place = chord,
        None => keys.push(chord),
    }
    keys
}

/// The keys that are in the place that was asked for.
fn keys_at(map: &Keymap, asked: Asked) -> Option<KeyChord> {
    map.keys(asked.action).get(asked.place).copied()
}

/// Gives the action the keys of the other one, and the other one those that it had, unless a third one is in the way.
fn swap(state: &mut WindowState, services: &Services, map: &Keymap) {
    let Some(asked) = state.shortcuts.asked.take() else { return };
    let Some((chord, other)) = asked.taken else { return };
    let given = keys_at(map, asked);
    let theirs = map.keys(other).into_iter().filter(|key| *key != chord).collect::<Vec<_>>();
    let changed = map.with_keys(other, &theirs).with_keys(asked.action, &placed(map, asked, chord));
    let swapped = given.filter(|given| changed.competitor(*given, other).is_none()).map(|given| {
        let place = map.keys(other).iter().position(|key| *key == chord).unwrap_or(0).min(theirs.len());
        let mut keys = theirs.clone();
        keys.insert(place, given);
        changed.with_keys(other, &keys)
    });
    if swapped.is_none() && theirs.is_empty() {
        state.shortcuts.refusal = Some(format!("This action has no keys now: {}.", other.help()));
    }
    use_keys(state, services, swapped.unwrap_or(changed));
}

/// Gives an action the keys of the preset, unless another one has them by now.
fn reset(state: &mut WindowState, services: &Services, map: &Keymap, action: ActionId) {
    state.shortcuts.asked = None;
    let changed = map.with_reset(action);
    let taken = changed.keys(action).into_iter().find_map(|chord| Some((chord, changed.competitor(chord, action)?)));
    if let Some((chord, other)) = taken {
        let name = chord.name(&services.ctx);
        state.shortcuts.refusal = Some(format!("{name} belongs to: {}. Reset that action first.", other.help()));
        return;
    }
    use_keys(state, services, changed);
}

/// Puts the keys in force and keeps them for the next launch.
fn use_keys(state: &mut WindowState, services: &Services, map: Keymap) {
    match serde_json::to_string_pretty(map.choices()) {
        Ok(json) => services.jobs.files(FileTask::KeepChoices { file: KEPT_IN, json }),
        Err(error) => state.status.fail(format!("The keys could not be kept: {error}.")),
    }
    keymap::put_in_force(&services.ctx, map);
}
