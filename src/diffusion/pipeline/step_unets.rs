//! The UNets of a job in which some LoRAs count in a part of the steps only.

use std::sync::Arc;

use crate::diffusion::files::lora::LoraSteps;
use crate::diffusion::networks::unet::UNet;
use crate::engine::Error;

/// The UNets of a job in which some LoRAs count in a part of the steps only: one for each set of LoRAs that count at the same
/// time, but for the set of all, which is the loaded model's.
#[derive(Clone, Default)]
pub(in crate::diffusion) struct StepUNets {
    /// In which steps each of the prompt's LoRAs counts.
    steps: Vec<LoraSteps>,
    /// By which LoRAs count.
    unets: Vec<(ActiveLoras, Arc<UNet>)>,
}

/// Which of the prompt's LoRAs count, in their order.
pub(in crate::diffusion) type ActiveLoras = Vec<bool>;

impl StepUNets {
    /// The UNets for LoRAs that count in these steps; `make` builds one for each set that occurs. `pictures`
    /// are the pictures' numbers of steps.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn new(
        steps: Vec<LoraSteps>,
        pictures: &[usize],
        mut make: impl FnMut(&ActiveLoras) -> Result<Arc<UNet>, Error>,
    ) -> Result<Self, Error> {
        let mut unets: Vec<(ActiveLoras, Arc<UNet>)> = Vec::new();
        for active in needed(&steps, pictures) {
            let unet = make(&active)?;
            unets.push((active, unet));
        }
        Ok(Self { steps, unets })
    }

    /// Which LoRAs count at a step, counted from 0, of so many. Empty if all do.
    pub fn active_at(&self, step: usize, steps: usize) -> ActiveLoras {
        active_at(&self.steps, step, steps)
    }

    /// The UNet with these LoRAs; `None` for the loaded model's.
    ///
    /// # Errors
    /// A set that no picture of the job has.
    pub fn get(&self, active: &ActiveLoras) -> Result<Option<&UNet>, Error> {
        if active.is_empty() {
            return Ok(None);
        }
        let unet = self.unets.iter().find(|(of, _)| of == active).map(|(_, unet)| &**unet);
        unet.map(Some).ok_or_else(|| Error::Internal("a step has LoRAs for which there is no UNet".into()))
    }
}

/// The sets of LoRAs that occur in pictures with these numbers of steps, without the set of all.
fn needed(of: &[LoraSteps], pictures: &[usize]) -> Vec<ActiveLoras> {
    let mut needed: Vec<ActiveLoras> = Vec::new();
    for steps in pictures {
        for step in 0..*steps {
            let active = active_at(of, step, *steps);
            if !active.is_empty() && !needed.contains(&active) {
                needed.push(active);
            }
        }
    }
    needed
}

fn active_at(of: &[LoraSteps], step: usize, steps: usize) -> ActiveLoras {
    let active: ActiveLoras = of.iter().map(|of| of.is_active_at(step, steps)).collect();
    if active.iter().all(|active| *active) { ActiveLoras::new() } else { active }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_for_each_set_that_occurs() {
        let of = |start, stop| LoraSteps { start, stop };
        let whole = LoraSteps::default();
        assert!(needed(&[whole, whole], &[20]).is_empty());
        assert_eq!(needed(&[whole, of(None, Some(5.0))], &[20, 10]), [[true, false]]);
        assert!(needed(&[of(None, Some(5.0))], &[5, 4]).is_empty(), "it never ends in so few steps");
        let two = [of(Some(3.0), None), of(None, Some(6.0))];
        assert_eq!(needed(&two, &[10]), [[false, true], [true, false]]);
        assert_eq!(active_at(&two, 4, 10), [true; 0], "all count");
    }
}
