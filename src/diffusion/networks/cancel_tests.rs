//! Cancelling inside networks and while loading: noticed at the check at which the flag is set, wherever
//! that is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{DType, Device, Tensor};

use super::unet::Conditions;
use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::model::Model;
use crate::diffusion::model_files::ModelFiles;
use crate::diffusion::watch::Watch;
use crate::engine::{Cancel, DeviceChoice, Dtype, Error, ModelChoice};

/// Runs `work` under a watch that cancels at check `at`, counted from 1. Says how it ended and how many
/// checks there were.
fn cancelled_at<T>(at: usize, work: impl FnOnce(&Watch) -> Result<T, Error>) -> (Result<T, Error>, usize) {
    let (cancel, count) = (Cancel::default(), Arc::new(AtomicUsize::new(0)));
    let watch = {
        let (cancel, count) = (cancel.clone(), Arc::clone(&count));
        Watch::observed(&cancel.clone(), move || {
            if count.fetch_add(1, Ordering::SeqCst) + 1 == at {
                cancel.cancel();
            }
        })
    };
    let done = work(&watch);
    (done, count.load(Ordering::SeqCst))
}

/// Checks that `work` looks at the flag at least `least` times, and ends at whichever of these it is set.
fn ends_wherever_it_is_cancelled<T>(what: &str, least: usize, work: impl Fn(&Watch) -> Result<T, Error>) {
    let (done, checks) = cancelled_at(usize::MAX, &work);
    assert!(done.is_ok() && checks >= least, "{what} has {checks} checks, expected {least}");
    for at in 1..=checks {
        let (done, seen) = cancelled_at(at, &work);
        assert!(matches!(done, Err(Error::Cancelled)) && seen == at, "{what}, cancelled at {at}: went on to {seen}");
    }
}

#[test]
fn every_network_stops_between_its_blocks() {
    let model = Model::load_for_test(&ModelChoice::Starter, Dtype::F32).expect("the starter");
    let zeros = |shape| Tensor::zeros(shape, DType::F32, &Device::Cpu).expect("zeros");
    let (latent, image) = (zeros((1, 4, 8, 8)), zeros((1, 3, 64, 64)));
    let states = Tensor::zeros((1, 77, model.text.width().expect("width")), DType::F32, &Device::Cpu).expect("zeros");
    let conditions = Conditions { timestep: 500.0, states: &states, cfg_scale: 1.0, residuals: None, regions: None };
    // Two convolutions in each of at least a dozen residual blocks.
    ends_wherever_it_is_cancelled("the UNet", 24, |watch| model.unet.forward(&latent, &conditions, watch));
    let (_, deep) = model.unet.forward_keeping(&latent, &conditions, &Watch::default()).expect("predicts");
    let reusing = |watch: &Watch| model.unet.forward_reusing(&latent, &deep, &conditions, watch);
    ends_wherever_it_is_cancelled("the UNet's outermost layers", 6, reusing);
    ends_wherever_it_is_cancelled("encoding", 12, |watch| model.vae.encode(&image, watch));
    ends_wherever_it_is_cancelled("decoding", 12, |watch| model.vae.decode(&latent, watch));
}

#[test]
fn loading_stops_between_tensors() {
    let files = ModelFiles::open(&ModelChoice::Starter).expect("the starter");
    let device = ComputeDevice::new(DeviceChoice::Cpu, Dtype::F32).expect("the processor");
    let load = |watch: &Watch| Model::load(&files, None, &device, &[], None, watch);
    let (done, checks) = cancelled_at(usize::MAX, load);
    assert!(done.is_ok() && checks > 300, "{checks}");
    for at in [1, 2, 50, checks / 2, checks - 1, checks] {
        let (done, seen) = cancelled_at(at, load);
        // Up to four threads read at once, and each looks once more.
        assert!(matches!(done, Err(Error::Cancelled)) && seen <= at + 5, "cancelled at {at}: went on to {seen}");
    }
}
