//! In which steps a LoRA changes the UNet, as the LoRA Block Weight extension of AUTOMATIC1111's web UI has it (`start=`,
//! `stop=`, `step=`).

/// In which steps a LoRA changes the UNet; by default in all. The text encoder is changed all the time, since texts are
/// encoded before the first step, in the extension as here.
///
/// Numbers count the steps that are run. The extension sets a LoRA's weight before an evaluation, when the web UI's count of
/// finished steps, which is one behind from the second step on, is at least the number less one. So from 2 on, `start=N`
/// leaves the first N steps without the LoRA and `stop=N` the ones after the first N, while 0 and 1 both mean the
/// beginning. Numbers between 0 and 1 are shares of the steps, rounded, at least 1. A sampler with two evaluations a step
/// changes between steps here; with the extension it changes in the middle of the previous step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::diffusion) struct LoraSteps {
    /// From which step on it counts; `None` for the first.
    pub start: Option<f64>,
    /// Up to which step it counts; `None` for the last.
    pub stop: Option<f64>,
}

impl LoraSteps {
    /// Reads `5-10`, the value of `step=`.
    pub fn read_range(text: &str) -> Option<Self> {
        let (start, stop) = text.split_once('-')?;
        Some(Self { start: Some(Self::read_number(start)?), stop: Some(Self::read_number(stop)?) })
    }

    /// Reads the value of `start=` or `stop=`: a finite number of at least 0.
    pub fn read_number(text: &str) -> Option<f64> {
        text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
    }

    /// Whether it counts in all steps, however many there are.
    pub fn is_whole(self) -> bool {
        self == Self::default()
    }

    /// Whether it counts at a step, counted from 0, of so many.
    pub fn is_active_at(self, step: usize, steps: usize) -> bool {
        let begins = self.start.is_none_or(|start| step >= place(start, steps));
        let ends = self.stop.is_some_and(|stop| step >= place(stop, steps));
        match (self.start, self.stop) {
            // It is switched off before it is switched on, and so stays on.
            (Some(start), Some(stop)) if place(stop, steps) < place(start, steps) => begins,
            _ => begins && !ends,
        }
    }
}

/// The step, counted from 0, before which a number takes effect.
fn place(number: f64, steps: usize) -> usize {
    let is_share = number > 0.0 && number < 1.0;
    let whole = if is_share { (number * steps as f64).round_ties_even().max(1.0) } else { number.trunc() };
    if whole < 2.0 { 0 } else { whole as usize }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The extension's callback on the web UI's counter, for a sampler with one evaluation a step: which steps have the LoRA.
    fn of_the_extension(start: Option<i64>, stop: Option<i64>, steps: i64) -> Vec<usize> {
        let (mut starts, mut stops, mut is_on) = (start, stop, true);
        let mut active = Vec::new();
        for step in 0..steps {
            let counter = (step - 1).max(0);
            if counter == 0 && starts.is_some() {
                is_on = false;
            }
            if starts.take_if(|start| counter > *start - 2).is_some() {
                is_on = true;
            }
            if stops.take_if(|stop| counter > *stop - 2).is_some() {
                is_on = false;
            }
            if is_on {
                active.push(step as usize);
            }
        }
        active
    }

    fn active(steps: LoraSteps, count: usize) -> Vec<usize> {
        (0..count).filter(|step| steps.is_active_at(*step, count)).collect()
    }

    #[test]
    fn whole_numbers_count_as_in_the_extension() {
        let numbers = || std::iter::once(None).chain((0..9).map(Some));
        for (start, stop) in numbers().flat_map(|start| numbers().map(move |stop| (start, stop))) {
            let steps = LoraSteps { start: start.map(|n| n as f64), stop: stop.map(|n| n as f64) };
            assert_eq!(active(steps, 7), of_the_extension(start, stop, 7), "{start:?} {stop:?}");
        }
    }

    #[test]
    fn shares_and_ranges_are_read() {
        let of = |start, stop| LoraSteps { start, stop };
        assert_eq!(LoraSteps::read_range("2-5"), Some(of(Some(2.0), Some(5.0))));
        assert_eq!(active(of(Some(2.0), Some(5.0)), 8), [2, 3, 4]);
        assert_eq!(active(of(None, Some(0.4)), 20), active(of(None, Some(8.0)), 20));
        assert_eq!(active(of(Some(0.25), None), 10), [2, 3, 4, 5, 6, 7, 8, 9], "2.5 is rounded to 2");
        assert_eq!(active(of(None, Some(0.01)), 10), [0; 0]);
        assert_eq!(active(LoraSteps::default(), 3), [0, 1, 2]);
        assert!(LoraSteps::default().is_whole() && !of(Some(0.0), None).is_whole());
        for text in ["5", "a-b", "1-", "-3", "1-2-3", "nan-2"] {
            assert_eq!(LoraSteps::read_range(text), None, "{text}");
        }
        assert_eq!([LoraSteps::read_number(" 7 "), LoraSteps::read_number("inf")], [Some(7.0), None]);
        assert!(active(of(Some(1e300), None), 5).is_empty());
    }
}
