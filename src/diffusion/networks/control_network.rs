//! The networks that a control may have.

use super::adapter::T2iAdapter;
use super::controlnet::ControlNet;

/// A network that a control has, ready to run.
pub(in crate::diffusion) enum ControlNetwork {
    /// A ControlNet, which is run at every step.
    Net(Box<ControlNet>),
    /// A T2I-Adapter, which is run once for a job.
    Adapter(T2iAdapter),
}
