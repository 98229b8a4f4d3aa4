//! Which engine should take the next picture.

/// How quick an engine is, and when it is free.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pace {
    /// How long a picture takes there, in seconds; `None` while that is not known.
    pub seconds: Option<f64>,
    /// How long it is still busy, in seconds; 0 when it is free.
    pub busy: f64,
    /// Whether it gets pictures at all.
    pub takes_part: bool,
}

/// Whether the free engine at place `me` should take one of the waiting pictures now, or leave them to others that would
/// be done earlier: each picture goes to the engine that finishes it first.
pub(super) fn should_take(me: usize, waiting: usize, paces: &[Pace]) -> bool {
    let Some(mine) = paces.get(me).filter(|pace| pace.takes_part) else { return false };
    // Its speed is learned by trying.
    if mine.seconds.is_none() {
        return waiting > 0;
    }
    let fastest = paces.iter().filter_map(|pace| pace.seconds).fold(f64::INFINITY, f64::min);
    let mut free: Vec<f64> = paces.iter().map(|pace| pace.busy).collect();
    for _ in 0..waiting {
        let done = |place: usize| free[place] + paces[place].seconds.unwrap_or(fastest);
        let others = (0..paces.len()).filter(|place| paces[*place].takes_part && *place != me);
        let first = others.min_by(|a, b| done(*a).total_cmp(&done(*b)));
        // Of equal ones the free engine itself.
        match first.filter(|first| done(*first) < done(me)) {
            None => return true,
            Some(first) => free[first] = done(first),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(seconds: impl Into<Option<f64>>, busy: f64) -> Pace {
        Pace { seconds: seconds.into(), busy, takes_part: true }
    }

    #[test]
    fn a_slow_engine_leaves_the_last_pictures_to_a_fast_one() {
        let paces = [pace(10.0, 0.0), pace(1.0, 0.5)];
        assert!(!should_take(0, 1, &paces), "the fast one is done with it in 1.5 seconds");
        assert!(!should_take(0, 9, &paces));
        assert!(should_take(0, 10, &paces), "the tenth would take it until 10.5");
        assert!(should_take(1, 1, &[pace(10.0, 3.0), pace(1.0, 0.0)]));
    }

    #[test]
    fn who_is_new_or_alone_takes_a_picture_and_who_is_out_does_not() {
        assert!(should_take(0, 1, &[pace(None, 0.0), pace(1.0, 0.0)]));
        assert!(should_take(0, 1, &[pace(9.0, 0.0)]));
        assert!(should_take(0, 1, &[pace(5.0, 0.0), pace(5.0, 0.0)]), "equals both take");
        let out = Pace { takes_part: false, ..pace(1.0, 0.0) };
        assert!(!should_take(0, 1, &[out, pace(9.0, 0.0)]) && should_take(1, 1, &[out, pace(9.0, 0.0)]));
        assert!(!should_take(0, 0, &[pace(None, 0.0)]) && !should_take(7, 1, &[]));
    }
}
