//! One or two settings that vary over the pictures of a round.

use serde::{Deserialize, Serialize};

use super::{Error, Sampler, Schedule, Settings};

/// How many pictures a sheet has at most.
const MAX_CELLS: usize = 64;

/// The denoising strengths of [`Sheet::strength_ladder`].
const LADDER: [f64; 4] = [0.45, 0.6, 0.75, 0.9];

/// A setting that can vary over a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetSetting {
    /// Denoising strength.
    Strength,
    /// CFG scale.
    CfgScale,
    /// Steps.
    Steps,
    /// Sampler.
    Sampler,
    /// Schedule.
    Schedule,
    /// Seed.
    Seed,
    /// Variation strength.
    VariationStrength,
}

impl SheetSetting {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Strength,
        Self::CfgScale,
        Self::Steps,
        Self::Sampler,
        Self::Schedule,
        Self::Seed,
        Self::VariationStrength,
    ];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Strength => "strength",
            Self::CfgScale => "cfg",
            Self::Steps => "steps",
            Self::Sampler => "sampler",
            Self::Schedule => "schedule",
            Self::Seed => "seed",
            Self::VariationStrength => "variation",
        }
    }

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::Strength => "Denoising strength",
            Self::CfgScale => "CFG scale",
            Self::Steps => "Steps",
            Self::Sampler => "Sampler",
            Self::Schedule => "Schedule",
            Self::Seed => "Seed",
            Self::VariationStrength => "Variation strength",
        }
    }
}

/// A setting and the values it takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "setting", content = "values", rename_all = "snake_case")]
pub enum SheetAxis {
    /// Denoising strengths.
    Strength(Vec<f64>),
    /// CFG scales.
    CfgScale(Vec<f64>),
    /// Numbers of steps.
    Steps(Vec<usize>),
    /// Samplers.
    Sampler(Vec<Sampler>),
    /// Schedules.
    Schedule(Vec<Schedule>),
    /// Seeds.
    Seed(Vec<i64>),
    /// Variation strengths.
    VariationStrength(Vec<f64>),
}

impl SheetAxis {
    /// The setting.
    pub fn setting(&self) -> SheetSetting {
        match self {
            Self::Strength(_) => SheetSetting::Strength,
            Self::CfgScale(_) => SheetSetting::CfgScale,
            Self::Steps(_) => SheetSetting::Steps,
            Self::Sampler(_) => SheetSetting::Sampler,
            Self::Schedule(_) => SheetSetting::Schedule,
            Self::Seed(_) => SheetSetting::Seed,
            Self::VariationStrength(_) => SheetSetting::VariationStrength,
        }
    }

    /// How many values there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Strength(values) | Self::CfgScale(values) | Self::VariationStrength(values) => values.len(),
            Self::Steps(values) => values.len(),
            Self::Sampler(values) => values.len(),
            Self::Schedule(values) => values.len(),
            Self::Seed(values) => values.len(),
        }
    }

    /// A value as the window shows it; empty if there is no such value.
    pub fn value(&self, place: usize) -> String {
        fn shown<T: ToString>(values: &[T], place: usize) -> String {
            values.get(place).map(T::to_string).unwrap_or_default()
        }
        match self {
            Self::Strength(values) | Self::CfgScale(values) | Self::VariationStrength(values) => shown(values, place),
            Self::Steps(values) => shown(values, place),
            Self::Sampler(values) => values.get(place).map(|sampler| sampler.label().into()).unwrap_or_default(),
            Self::Schedule(values) => values.get(place).map(|schedule| schedule.label().into()).unwrap_or_default(),
            Self::Seed(values) => shown(values, place),
        }
    }

    /// Sets the setting to one of the values; nothing changes if there is no such value.
    fn apply(&self, place: usize, settings: &mut Settings) {
        fn set<T: Copy>(values: &[T], place: usize, setting: &mut T) {
            if let Some(value) = values.get(place) {
                *setting = *value;
            }
        }
        match self {
            Self::Strength(values) => set(values, place, &mut settings.strength),
            Self::CfgScale(values) => set(values, place, &mut settings.cfg_scale),
            Self::Steps(values) => set(values, place, &mut settings.steps),
            Self::Sampler(values) => set(values, place, &mut settings.sampler),
            Self::Schedule(values) => set(values, place, &mut settings.schedule),
            Self::Seed(values) => set(values, place, &mut settings.seed),
            Self::VariationStrength(values) => set(values, place, &mut settings.variation_strength),
        }
    }
}

/// What varies over the pictures of one round: one setting along a row, or two settings along the columns and
/// rows of a table. Every picture has the same seed, unless the seed is what varies. Pictures are counted row by
/// row from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct Sheet {
    columns: SheetAxis,
    rows: Option<SheetAxis>,
}

impl Sheet {
    /// A sheet whose columns differ in one setting and whose rows, if there are several, in another.
    ///
    /// # Errors
    /// An axis without values, more than 64 pictures, or the same setting on both axes.
    pub fn new(columns: SheetAxis, rows: Option<SheetAxis>) -> Result<Self, Error> {
        let fail = |text: String| Err(Error::Setting(text));
        for axis in [Some(&columns), rows.as_ref()].into_iter().flatten() {
            if axis.count() == 0 {
                return fail(format!("The sheet needs at least one value of {}.", axis.setting().label()));
            }
        }
        if rows.as_ref().is_some_and(|rows| rows.setting() == columns.setting()) {
            let name = columns.setting().label();
            return fail(format!("Columns and rows of the sheet are both {name}; choose another setting for one."));
        }
        let cells = columns.count().saturating_mul(rows.as_ref().map_or(1, SheetAxis::count));
        if cells > MAX_CELLS {
            return fail(format!("The sheet has {cells} pictures and may have {MAX_CELLS}; give fewer values."));
        }
        Ok(Self { columns, rows })
    }

    /// One row of four pictures at the denoising strengths 0.45, 0.6, 0.75 and 0.9.
    pub fn strength_ladder() -> Self {
        Self { columns: SheetAxis::Strength(LADDER.to_vec()), rows: None }
    }

    /// What differs from column to column.
    pub fn columns(&self) -> &SheetAxis {
        &self.columns
    }

    /// What differs from row to row; `None` if there is one row.
    pub fn rows(&self) -> Option<&SheetAxis> {
        self.rows.as_ref()
    }

    /// How many pictures there are, `1..=64`.
    pub fn cells(&self) -> usize {
        self.columns.count() * self.rows.as_ref().map_or(1, SheetAxis::count)
    }

    /// Column and row of a picture, from 0.
    pub fn place(&self, cell: usize) -> (usize, usize) {
        let across = self.columns.count().max(1);
        (cell % across, cell / across)
    }

    /// The settings of one picture: these, with its own values.
    pub fn settings_of(&self, cell: usize, base: &Settings) -> Settings {
        let mut settings = base.clone();
        let (column, row) = self.place(cell);
        self.columns.apply(column, &mut settings);
        if let Some(rows) = &self.rows {
            rows.apply(row, &mut settings);
        }
        settings
    }

    /// What tells a picture from the others, for example `Denoising strength 0.6, CFG scale 7`.
    pub fn label(&self, cell: usize) -> String {
        let (column, row) = self.place(cell);
        let named = |axis: &SheetAxis, place| format!("{} {}", axis.setting().label(), axis.value(place));
        let mut label = named(&self.columns, column);
        if let Some(rows) = &self.rows {
            label += &format!(", {}", named(rows, row));
        }
        label
    }
}

/// A sheet as it is written.
#[derive(Clone, Serialize, Deserialize)]
struct Unchecked {
    columns: SheetAxis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rows: Option<SheetAxis>,
}

impl From<Sheet> for Unchecked {
    fn from(Sheet { columns, rows }: Sheet) -> Self {
        Self { columns, rows }
    }
}

impl TryFrom<Unchecked> for Sheet {
    type Error = Error;

    fn try_from(read: Unchecked) -> Result<Self, Error> {
        Self::new(read.columns, read.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Sheet {
        let columns = SheetAxis::Strength(vec![0.4, 0.6, 0.8]);
        Sheet::new(columns, Some(SheetAxis::CfgScale(vec![7.0, 11.0]))).expect("a sheet")
    }

    #[test]
    fn pictures_are_counted_row_by_row_and_differ_in_nothing_else() {
        let (sheet, base) = (table(), Settings { seed: 9, ..Settings::default() });
        assert_eq!((sheet.cells(), sheet.place(0), sheet.place(4)), (6, (0, 0), (1, 1)));
        let expected = Settings { strength: 0.6, cfg_scale: 11.0, ..base.clone() };
        assert_eq!(sheet.settings_of(4, &base), expected);
        assert_eq!(sheet.label(4), "Denoising strength 0.6, CFG scale 11");
        assert_eq!(Sheet::strength_ladder().label(3), "Denoising strength 0.9");
        assert_eq!(sheet.settings_of(99, &base).strength, 0.4, "no such row: nothing changes");
    }

    #[test]
    fn every_setting_can_vary() {
        let base = Settings::default();
        for axis in [
            SheetAxis::Strength(vec![0.1]),
            SheetAxis::CfgScale(vec![2.0]),
            SheetAxis::Steps(vec![3]),
            SheetAxis::Sampler(vec![Sampler::Heun]),
            SheetAxis::Schedule(vec![Schedule::Beta]),
            SheetAxis::Seed(vec![77]),
            SheetAxis::VariationStrength(vec![0.3]),
        ] {
            assert_ne!(Sheet::new(axis.clone(), None).expect("a sheet").settings_of(0, &base), base, "{axis:?}");
            assert!(!axis.value(0).is_empty() && axis.value(1).is_empty());
        }
    }

    #[test]
    fn a_sheet_that_is_too_large_or_says_nothing_is_refused_also_from_a_file() {
        let seeds = |count| SheetAxis::Seed((0..count).collect());
        Sheet::new(seeds(64), None).expect("the largest");
        let large = Sheet::new(seeds(13), Some(SheetAxis::Steps((1..6).collect()))).expect_err("refused");
        assert!(large.to_string().contains("65 pictures"), "{large}");
        assert!(Sheet::new(SheetAxis::Seed(Vec::new()), None).is_err());
        assert!(Sheet::new(seeds(2), Some(seeds(3))).expect_err("refused").to_string().contains("both Seed"));
        let text = serde_json::to_string(&table()).expect("writes");
        assert_eq!(serde_json::from_str::<Sheet>(&text).expect("reads"), table());
        let empty = text.replace("[0.4,0.6,0.8]", "[]");
        assert_ne!(empty, text);
        assert!(serde_json::from_str::<Sheet>(&empty).is_err());
    }
}
