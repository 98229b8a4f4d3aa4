//! Quantiles of the beta distribution.

/// A beta distribution.
#[derive(Clone, Copy, Debug)]
pub(super) struct BetaDistribution {
    alpha: f64,
    beta: f64,
    /// Γ(alpha)·Γ(beta) / Γ(alpha + beta).
    normaliser: f64,
}

/// Shape of the usual distribution, both ways the same.
const SHAPE: f64 = 0.6;
/// Γ(0.6)² / Γ(1.2).
const BETA_OF_SHAPE: f64 = 2.415_344_208_002_472_3;

impl BetaDistribution {
    /// The distribution of these shape parameters, which are above 0.
    pub fn new(alpha: f64, beta: f64) -> Self {
        let normaliser = if (alpha, beta) == (SHAPE, SHAPE) {
            BETA_OF_SHAPE
        } else {
            (ln_gamma(alpha) + ln_gamma(beta) - ln_gamma(alpha + beta)).exp()
        };
        Self { alpha, beta, normaliser }
    }

    /// The x below which a share `p` of the distribution lies.
    pub fn quantile(&self, p: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if self.below(middle) < p {
                low = middle;
            } else {
                high = middle;
            }
        }
        (low + high) / 2.0
    }

    /// The share of the distribution below `x`: the regularised incomplete beta function by its continued fraction
    /// (Abramowitz and Stegun 26.5.8), evaluated from its tail.
    fn below(&self, x: f64) -> f64 {
        if x > 0.5 {
            return 1.0 - Self { alpha: self.beta, beta: self.alpha, ..*self }.below(1.0 - x);
        }
        let (a, b) = (self.alpha, self.beta);
        let mut fraction = 1.0;
        for m in (1..=60).rev() {
            let m = f64::from(m);
            let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
            let odd = -(a + m - 1.0) * (a + b + m - 1.0) * x / ((a + 2.0 * m - 2.0) * (a + 2.0 * m - 1.0));
            fraction = 1.0 + odd / (1.0 + even / fraction);
        }
        x.powf(a) * (1.0 - x).powf(b) / (a * self.normaliser * fraction)
    }
}

/// The logarithm of the gamma function above 0, by Stirling's series at x + 10 (Abramowitz and Stegun 6.1.40).
fn ln_gamma(x: f64) -> f64 {
    let product: f64 = (0..10).map(|i| x + f64::from(i)).product();
    let z = x + 10.0;
    let series = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0];
    let series: f64 = series.iter().zip([1, 3, 5, 7, 9]).map(|(factor, power)| factor / z.powi(power)).sum();
    (z - 0.5) * z.ln() - z + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - product.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_scipy() {
        // scipy.stats.beta.ppf.
        let cases = [
            (0.6, 0.6, 0.3, 0.234_017_003_875_235_72),
            (0.5, 0.7, 0.25, 0.096_176_661_294_596_18),
            (0.5, 0.7, 0.9, 0.918_834_884_278_280_2),
            (1.0, 1.0, 0.4, 0.4),
            (0.1, 0.9, 0.5, 0.001_151_674_218_993_834_9),
            (0.01, 1.0, 0.99, 0.366_032_341_273_229_14),
            (0.3, 0.05, 0.2, 0.848_021_429_706_266_7),
        ];
        for (alpha, beta, p, wanted) in cases {
            let got = BetaDistribution::new(alpha, beta).quantile(p);
            assert!((got - wanted).abs() < 1e-9, "{alpha}, {beta}, {p}: {got} is not {wanted}");
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-13);
        assert!((ln_gamma(1.0)).abs() < 1e-13 && (ln_gamma(5.0) - 24f64.ln()).abs() < 1e-12);
    }
}
