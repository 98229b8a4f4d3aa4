//! The values of a sheet's axis as people type them: lists and ranges.

use super::{Error, MAX_SEED, Sampler, Schedule, SheetAxis, SheetSetting};

/// More values than any sheet has: reading stops here.
const MOST: usize = 65;

impl SheetAxis {
    /// Reads the values of a setting, separated by commas: numbers (`0.4, 0.6`), ranges of numbers as in
    /// AUTOMATIC1111's X/Y/Z plot (`1-5`, `10-50 (+20)`, `0.4-0.8 [5]` for five values), or names. With
    /// semicolons between the values, commas are decimal signs.
    ///
    /// # Errors
    /// The first value that is none, as one sentence.
    pub fn read(setting: SheetSetting, text: &str) -> Result<Self, Error> {
        let separator = if text.contains(';') { ';' } else { ',' };
        let parts = text.split(separator).map(str::trim).filter(|part| !part.is_empty());
        let bad = |part: &str, hint: &str| {
            let shown: String = part.chars().take(40).collect();
            Error::Setting(format!("\"{shown}\" is not a value of {}. {hint}", setting.label()))
        };
        let names = |known: &mut dyn Iterator<Item = &'static str>| {
            format!("Give one or several of {}.", known.collect::<Vec<_>>().join(", "))
        };
        let numbers = || {
            let mut values = Vec::new();
            for part in parts.clone() {
                let hint = "Give numbers such as 0.4, 0.6 or a range such as 0.4-0.8 (+0.1).";
                values.extend(range(part).ok_or_else(|| bad(part, hint))?);
                values.truncate(MOST);
            }
            Ok::<_, Error>(values)
        };
        let whole = |most: f64| {
            let check = |value: f64| match value.fract() == 0.0 && (0.0..=most).contains(&value) {
                true => Ok(value),
                false => Err(bad(&value.to_string(), &format!("Give whole numbers between 0 and {most}."))),
            };
            numbers()?.into_iter().map(check).collect::<Result<Vec<f64>, Error>>()
        };
        Ok(match setting {
            SheetSetting::Strength => Self::Strength(numbers()?),
            SheetSetting::CfgScale => Self::CfgScale(numbers()?),
            SheetSetting::VariationStrength => Self::VariationStrength(numbers()?),
            SheetSetting::Steps => Self::Steps(whole(150.0)?.into_iter().map(|value| value as usize).collect()),
            SheetSetting::Seed => Self::Seed(whole(MAX_SEED as f64)?.into_iter().map(|value| value as i64).collect()),
            SheetSetting::Sampler => {
                let read = |part: &str| {
                    let hint = || names(&mut Sampler::ALL.iter().map(|sampler| sampler.id()));
                    Sampler::from_name(part).ok_or_else(|| bad(part, &hint()))
                };
                Self::Sampler(parts.take(MOST).map(read).collect::<Result<_, _>>()?)
            }
            SheetSetting::Schedule => {
                let read = |part: &str| {
                    let hint = || names(&mut Schedule::all().map(Schedule::id));
                    Schedule::from_name(part).ok_or_else(|| bad(part, &hint()))
                };
                Self::Schedule(parts.take(MOST).map(read).collect::<Result<_, _>>()?)
            }
        })
    }

    /// The values as a text that [`SheetAxis::read`] reads.
    pub fn text(&self) -> String {
        (0..self.count()).map(|place| self.value(place)).collect::<Vec<_>>().join(", ")
    }
}

/// The values of one number or range; `None` if it is neither.
fn range(part: &str) -> Option<Vec<f64>> {
    if let Some(value) = number(part) {
        return Some(vec![value]);
    }
    let (ends, how) = match part.find(['(', '[']) {
        Some(at) => (part[..at].trim(), Some(part[at..].trim())),
        None => (part, None),
    };
    // A minus sign at the beginning belongs to the number.
    let dash = ends.char_indices().skip(1).find(|(_, c)| *c == '-')?.0;
    let (from, to) = (number(&ends[..dash])?, number(&ends[dash + 1..])?);
    let spaced = |count: usize, step: f64| (0..count.min(MOST)).map(|i| rounded(from + i as f64 * step)).collect();
    let by = |step: f64| {
        let count = ((to - from) / step + 1e-9).floor();
        // A step in the wrong direction, or of nothing, gives no values.
        (step != 0.0 && count >= 0.0).then(|| spaced(count.min(MOST as f64) as usize + 1, step))
    };
    match how {
        None => by(if to >= from { 1.0 } else { -1.0 }),
        Some(how) => match (how.strip_prefix('['), how.strip_prefix('(')) {
            (Some(count), _) => match count.strip_suffix(']')?.trim().parse().ok()? {
                0 => None,
                1 => Some(vec![from]),
                count => Some(spaced(count, (to - from) / (count - 1) as f64)),
            },
            (_, Some(step)) => by(number(step.strip_suffix(')')?.trim().trim_start_matches('+'))?),
            _ => None,
        },
    }
}

/// A number with a decimal point or comma.
fn number(text: &str) -> Option<f64> {
    let plain = text.trim().replace(',', ".");
    // `parse` also reads names such as `inf`.
    let looks_right = plain.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
    plain.parse().ok().filter(|value: &f64| looks_right && value.is_finite())
}

/// Without the noise in the last digits that adding steps makes.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strengths(text: &str) -> Vec<f64> {
        match SheetAxis::read(SheetSetting::Strength, text) {
            Ok(SheetAxis::Strength(values)) => values,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn lists_and_ranges_are_read() {
        assert_eq!(strengths("0.4, 0.6,0.8,"), [0.4, 0.6, 0.8]);
        assert_eq!(strengths("0,4; 0,6"), [0.4, 0.6]);
        assert_eq!(strengths("0.4-0.8 (+0.1)"), [0.4, 0.5, 0.6, 0.7, 0.8]);
        assert_eq!(strengths("0.8-0.4 (-0.2), 0.9"), [0.8, 0.6, 0.4, 0.9]);
        assert_eq!(strengths("0.2-0.8 [3]"), [0.2, 0.5, 0.8]);
        assert_eq!(strengths("3-1"), [3.0, 2.0, 1.0]);
        assert!(strengths(" , ").is_empty());
        let axis = SheetAxis::read(SheetSetting::Steps, "10-50 (+20)").expect("reads");
        assert_eq!(axis, SheetAxis::Steps(vec![10, 30, 50]));
    }

    #[test]
    fn names_are_those_of_the_command_line_or_the_window() {
        let axis = SheetAxis::read(SheetSetting::Sampler, "euler-a, DPM++ 2M").expect("reads");
        assert_eq!(axis, SheetAxis::Sampler(vec![Sampler::EulerA, Sampler::DpmPp2m]));
        let axis = SheetAxis::read(SheetSetting::Schedule, "Karras,sgm-uniform").expect("reads");
        assert_eq!(axis, SheetAxis::Schedule(vec![Schedule::Karras, Schedule::SgmUniform]));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (setting, text) in [
            (SheetSetting::Strength, "0.45, 0.6"),
            (SheetSetting::Seed, "7-9"),
            (SheetSetting::Sampler, "euler-a, heun"),
            (SheetSetting::Schedule, "karras"),
        ] {
            let axis = SheetAxis::read(setting, text).expect("reads");
            assert_eq!(SheetAxis::read(setting, &axis.text()).expect("reads"), axis);
        }
    }

    #[test]
    fn nonsense_is_refused_and_no_range_is_endless() {
        for text in ["many", "0.4-", "1-5 (+0)", "1-5 (-1)", "1-5 [0]", "1-5 [x]", "1-5 (2", "inf", "é-5", "1-5 )"] {
            let error = SheetAxis::read(SheetSetting::Strength, text).expect_err(text).to_string();
            assert!(error.contains("is not a value of Denoising strength"), "{error}");
        }
        for (setting, text) in
            [(SheetSetting::Steps, "2.5"), (SheetSetting::Seed, "-1"), (SheetSetting::Sampler, "guess")]
        {
            assert!(SheetAxis::read(setting, text).is_err(), "{text}");
        }
        for text in ["0-9999999999999", "0-1 (+0.0000000001)", "0-1 [99999999999]", "-1e9"] {
            if let Ok(axis) = SheetAxis::read(SheetSetting::Strength, text) {
                assert!(axis.count() <= MOST, "{text}");
            }
        }
    }
}
