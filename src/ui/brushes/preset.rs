//! Brushes with names.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::paint::{Brush, BrushAction, Curve, Grain, Tip};

/// The most presets of one's own.
const MOST: usize = 500;
/// The longest name, in characters.
const LONGEST_NAME: usize = 60;

/// A brush with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::ui) struct BrushPreset {
    pub name: String,
    pub brush: Brush,
}

/// Why a preset could not be saved or renamed, as one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::ui) enum PresetError {
    #[error("A brush needs a name; type one.")]
    NoName,
    #[error("One of the brushes that the program comes with has this name; choose another one.")]
    BuiltIn,
    #[error("Another brush has this name; choose another one.")]
    Taken,
    #[error("There are {MOST} brushes already; delete one first.")]
    TooMany,
}

/// The presets that the program comes with, followed by those of the person. No two have the same name.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui) struct PresetList {
    presets: Vec<BrushPreset>,
    /// How many of them the program comes with.
    built_in: usize,
}

impl Default for PresetList {
    fn default() -> Self {
        let presets = built_in();
        Self { built_in: presets.len(), presets }
    }
}

impl PresetList {
    /// The usual presets and these. Those that cannot be used are left out.
    pub fn with_own(own: &[Value]) -> Self {
        let mut list = Self::default();
        for value in own.iter().take(MOST) {
            if let Ok(preset) = serde_json::from_value::<BrushPreset>(value.clone()) {
                // A name that is empty or taken cannot be saved, and it is nobody's mistake here.
                list.save(&preset.name, preset.brush.in_range()).ok();
            }
        }
        list
    }

    /// All presets in their order.
    pub fn all(&self) -> &[BrushPreset] {
        &self.presets
    }

    /// The presets of the person.
    pub fn own(&self) -> &[BrushPreset] {
        self.presets.get(self.built_in..).unwrap_or_default()
    }

    /// A preset by its name.
    pub fn get(&self, name: &str) -> Option<&BrushPreset> {
        self.presets.iter().find(|preset| preset.name == name)
    }

    /// Whether the preset of this name is one of the person's.
    pub fn is_own(&self, name: &str) -> bool {
        self.own().iter().any(|preset| preset.name == name)
    }

    /// The preset this many places after one, going round at the ends; the first one after none.
    pub fn step(&self, from: Option<&str>, by: isize) -> Option<&BrushPreset> {
        let at = from.and_then(|name| self.presets.iter().position(|preset| preset.name == name));
        let next = match at {
            Some(at) => (at as isize + by).rem_euclid(self.presets.len() as isize) as usize,
            None => 0,
        };
        self.presets.get(next)
    }

    /// Saves a brush under a name, in place of one of the person's that has it. Returns the name as it is kept.
    pub fn save(&mut self, name: &str, brush: Brush) -> Result<String, PresetError> {
        let name = tidy(name).ok_or(PresetError::NoName)?;
        match self.place(&name) {
            Some(at) if at < self.built_in => return Err(PresetError::BuiltIn),
            Some(at) => self.presets[at].brush = brush,
            None if self.own().len() >= MOST => return Err(PresetError::TooMany),
            None => self.presets.push(BrushPreset { name: name.clone(), brush }),
        }
        Ok(name)
    }

    /// Gives one of the person's presets another name. Returns the name as it is kept.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<String, PresetError> {
        let to = tidy(to).ok_or(PresetError::NoName)?;
        let Some(at) = self.place(from).filter(|at| *at >= self.built_in) else { return Err(PresetError::BuiltIn) };
        if self.place(&to).is_some_and(|other| other != at) {
            return Err(PresetError::Taken);
        }
        self.presets[at].name.clone_from(&to);
        Ok(to)
    }

    /// Takes one of the person's presets out. Returns it with its place.
    pub fn remove(&mut self, name: &str) -> Option<(usize, BrushPreset)> {
        let at = self.place(name).filter(|at| *at >= self.built_in)?;
        Some((at, self.presets.remove(at)))
    }

    /// Puts a preset back that was taken out, unless its name is taken.
    pub fn put_back(&mut self, at: usize, preset: BrushPreset) -> bool {
        let is_free = self.place(&preset.name).is_none();
        if is_free {
            self.presets.insert(at.clamp(self.built_in, self.presets.len()), preset);
        }
        is_free
    }

    /// Where the preset of this name is; case does not count.
    fn place(&self, name: &str) -> Option<usize> {
        self.presets.iter().position(|preset| preset.name.to_lowercase() == name.to_lowercase())
    }
}

/// A name without spaces around it and without line breaks; `None` if nothing is left.
fn tidy(name: &str) -> Option<String> {
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

/// The presets that the program comes with.
fn built_in() -> Vec<BrushPreset> {
    let round = Brush::default();
    let rising = || Some(Curve::straight(0.0, 1.0));
    let mut ink = Brush { size: 14.0, hardness: 1.0, spacing: 0.05, ..round.clone() };
    ink.dynamics.size.pressure = Some(Curve::new(vec![[0.0, 0.05], [0.5, 0.45], [1.0, 1.0]]));
    let mut pencil = Brush {
        size: 5.0,
        hardness: 0.6,
        opacity: 0.9,
        flow: 0.7,
        grain: Grain::Fine,
        grain_strength: 0.65,
        ..round.clone()
    };
    pencil.dynamics.opacity.pressure = Some(Curve::straight(0.15, 1.0));
    let mut airbrush = Brush { size: 90.0, hardness: 0.0, flow: 0.08, rate: 30.0, ..round.clone() };
    airbrush.dynamics.flow.pressure = rising();
    let mut flat = Brush { tip: Tip::Flat, size: 40.0, aspect: 5.0, angle: 45.0, hardness: 0.7, ..round.clone() };
    flat.dynamics.opacity.pressure = Some(Curve::straight(0.2, 1.0));
    flat.spacing = 0.15;
    let mut smudge = Brush { action: BrushAction::Smudge, size: 40.0, hardness: 0.4, flow: 0.8, ..round.clone() };
    smudge.dynamics.opacity.pressure = rising();
    [
        ("Round hard", round.clone()),
        ("Round soft", Brush { size: 60.0, hardness: 0.0, ..round.clone() }),
        ("Ink", ink),
        ("Pencil", pencil),
        ("Airbrush", airbrush),
        ("Flat", flat),
        ("Pixel", Brush { size: 1.0, hardness: 1.0, antialias: false, ..round.clone() }),
        ("Smudge", smudge),
        ("Eraser", eraser()),
    ]
    .map(|(name, brush)| BrushPreset { name: name.into(), brush })
    .into()
}

/// The eraser that the program comes with.
pub(in crate::ui) fn eraser() -> Brush {
    Brush { action: BrushAction::Erase, size: 40.0, hardness: 0.8, ..Brush::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_presets_are_in_range_and_have_different_names() {
        let list = PresetList::default();
        assert!(list.own().is_empty() && list.all().len() >= 7);
        for preset in list.all() {
            assert_eq!(preset.brush.in_range(), preset.brush, "{}", preset.name);
            assert_eq!(list.all().iter().filter(|other| other.name == preset.name).count(), 1);
        }
        assert_eq!(list.get("Round hard").map(|preset| &preset.brush), Some(&Brush::default()));
    }

    #[test]
    fn own_presets_are_saved_renamed_deleted_and_come_back() {
        let mut list = PresetList::default();
        let usual = list.all().len();
        let brush = Brush { size: 77.0, ..Brush::default() };
        assert_eq!(list.save("  Mine\n", brush.clone()), Ok("Mine".into()));
        assert_eq!(list.save("mine", Brush { size: 78.0, ..brush.clone() }), Ok("mine".into()));
        assert_eq!((list.own().len(), list.own()[0].brush.size), (1, 78.0), "saved in its place");
        assert_eq!(list.save("PENCIL", brush.clone()), Err(PresetError::BuiltIn));
        assert_eq!(list.save("  ", brush.clone()), Err(PresetError::NoName));
        list.save("Other", brush).expect("saves");
        assert_eq!(list.rename("Mine", "Other"), Err(PresetError::Taken));
        assert_eq!(list.rename("Pencil", "x"), Err(PresetError::BuiltIn));
        assert_eq!(list.rename("Mine", "MINE"), Ok("MINE".into()));
        assert!(list.is_own("MINE") && !list.is_own("Pencil") && list.remove("Pencil").is_none());
        let (at, gone) = list.remove("MINE").expect("deleted");
        assert_eq!(at, usual);
        assert!(list.put_back(at, gone.clone()) && !list.put_back(at, gone));
        assert_eq!(list.own().iter().map(|preset| preset.name.as_str()).collect::<Vec<_>>(), ["MINE", "Other"]);

        let kept: Vec<Value> = list.own().iter().map(|preset| serde_json::to_value(preset).expect("writes")).collect();
        let read = PresetList::with_own(&kept);
        assert_eq!(
            read.all().iter().map(|p| &p.name).collect::<Vec<_>>(),
            list.all().iter().map(|p| &p.name).collect::<Vec<_>>()
        );
    }

    #[test]
    fn what_cannot_be_used_is_left_out() {
        let own = serde_json::json!([7, {"name": "", "brush": {}}, {"name": "Pencil", "brush": {}}, {"name": "No brush"},
            {"name": "Good", "brush": {"size": 1e30, "later": 1}}, {"name": "Bad", "brush": {"size": "large"}}]);
        let list = PresetList::with_own(own.as_array().expect("a list"));
        assert_eq!(list.own().len(), 1);
        assert_eq!(list.own()[0].brush.size, 1000.0);
    }

    #[test]
    fn stepping_goes_round() {
        let list = PresetList::default();
        let first = &list.all()[0].name;
        let last = &list.all()[list.all().len() - 1].name;
        assert_eq!(list.step(Some(first), -1).map(|preset| &preset.name), Some(last));
        assert_eq!(list.step(Some(last), 1).map(|preset| &preset.name), Some(first));
        assert_eq!(list.step(None, 1).map(|preset| &preset.name), Some(first));
    }
}
