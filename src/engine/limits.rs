//! What an engine lacks.

use super::{Sampler, Schedule};

/// What an engine lacks of all that can be asked for. The default lacks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineLimits {
    /// The samplers it has; `None` where it has all, or does not say.
    pub samplers: Option<Vec<Sampler>>,
    /// The schedules it has; `None` where it has all, or does not say. [`Schedule::Automatic`] is always possible.
    pub schedules: Option<Vec<Schedule>>,
    /// Why controls cannot be used, as one sentence; empty where they can.
    pub no_controls: String,
    /// Why a masked part cannot be repainted as AUTOMATIC1111 does, as one sentence; empty where it can.
    pub no_inpainting: String,
    /// Why the rarely changed options (guided share, options of the sampler) cannot be used, as one sentence; empty where
    /// they can.
    pub no_rare_options: String,
}

impl EngineLimits {
    /// Whether the engine has this sampler.
    pub fn has_sampler(&self, sampler: Sampler) -> bool {
        self.samplers.as_ref().is_none_or(|list| list.contains(&sampler))
    }

    /// Whether the engine has this schedule.
    pub fn has_schedule(&self, schedule: Schedule) -> bool {
        schedule == Schedule::Automatic || self.schedules.as_ref().is_none_or(|list| list.contains(&schedule))
    }

    /// What several engines lack together: what one of them can do, they can.
    #[must_use]
    pub fn of_any(self, other: Self) -> Self {
        let lists = |one: Option<Vec<Sampler>>, other: Option<Vec<Sampler>>| {
            let (mut one, other) = (one?, other?);
            one.extend(other);
            Some(one)
        };
        let schedules = match (self.schedules, other.schedules) {
            (Some(mut one), Some(other)) => {
                one.extend(other);
                Some(one)
            }
            _ => None,
        };
        let reason = |one: String, other: String| if one.is_empty() || other.is_empty() { String::new() } else { one };
        Self {
            samplers: lists(self.samplers, other.samplers),
            schedules,
            no_controls: reason(self.no_controls, other.no_controls),
            no_inpainting: reason(self.no_inpainting, other.no_inpainting),
            no_rare_options: reason(self.no_rare_options, other.no_rare_options),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_of_two_engines_has_both_have() {
        let one = EngineLimits {
            samplers: Some(vec![Sampler::Euler]),
            schedules: Some(vec![Schedule::Karras]),
            no_controls: "No controls.".into(),
            no_inpainting: "No inpainting.".into(),
            ..EngineLimits::default()
        };
        assert!(one.has_sampler(Sampler::Euler) && !one.has_sampler(Sampler::Heun));
        assert!(one.has_schedule(Schedule::Automatic) && !one.has_schedule(Schedule::Beta));
        let other = EngineLimits {
            samplers: Some(vec![Sampler::Heun]),
            no_inpainting: "None here.".into(),
            ..EngineLimits::default()
        };
        let both = one.clone().of_any(other);
        assert!(both.has_sampler(Sampler::Euler) && both.has_sampler(Sampler::Heun) && !both.has_sampler(Sampler::Lcm));
        assert!(both.has_schedule(Schedule::Beta), "the second has all");
        assert_eq!((both.no_controls.as_str(), both.no_inpainting.as_str()), ("", "No inpainting."));
        assert_eq!(one.of_any(EngineLimits::default()), EngineLimits::default());
    }
}
