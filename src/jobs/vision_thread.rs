//! The thread that describes the canvas and draws what controls for depth follow. Its networks are in memory only while they work.

use std::path::PathBuf;

use crossbeam_channel::Receiver;
use image::{DynamicImage, RgbImage};

use super::supervise::supervised;
use super::{FileReport, HintTask, JobId, Report, Reporter, WorkerThread};
use crate::document::CanvasPart;
use crate::engine::{Cancel, Error};
use crate::vision::{caption, depth_map};

/// A task for the thread whose networks look at pictures.
#[derive(Debug)]
pub enum VisionTask {
    /// Say what is in a picture.
    Describe(DescribeTask),
    /// Draw a hint whose preprocessor estimates depth, with the network of this file; or why there is none, as one sentence.
    DrawDepth(Box<HintTask>, Result<PathBuf, String>),
}

/// A picture to be described.
#[derive(Debug)]
pub struct DescribeTask {
    /// Repeated in the report.
    pub job: JobId,
    /// The folder of the network, or its file of weights.
    pub model: PathBuf,
    /// The picture.
    pub picture: CanvasPart,
    /// Stops it.
    pub cancel: Cancel,
}

/// What came of a [`DescribeTask`]. One that was cancelled is not reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribeReport {
    /// The job.
    pub job: JobId,
    /// What is in the picture, in a few words; or why it cannot be said, as one sentence.
    pub caption: Result<String, String>,
}

pub(super) fn run(tasks: &Receiver<VisionTask>, reporter: &Reporter) {
    for task in tasks {
        match task {
            VisionTask::Describe(task) => describe(&task, reporter),
            VisionTask::DrawDepth(task, model) => {
                let drawn = supervised(|| task.draw_with(|picture| depth(picture, model)));
                let drawn = drawn.unwrap_or_else(|reason| {
                    crashed(reporter, reason);
                    Err("The program failed while it estimated depth.".into())
                });
                reporter.send(FileReport::HintDrawn(task.number, drawn));
            }
        }
    }
}

fn describe(task: &DescribeTask, reporter: &Reporter) {
    let done = supervised(|| caption(&task.model, &task.picture.picture(), &task.cancel));
    let caption = match done {
        Ok(Ok(caption)) => Ok(caption),
        Ok(Err(Error::Cancelled)) => return,
        Ok(Err(error)) => Err(error.to_string()),
        Err(reason) => {
            crashed(reporter, reason);
            Err("The program failed while it described the canvas.".into())
        }
    };
    reporter.send(DescribeReport { job: task.job, caption });
}

fn depth(picture: &RgbImage, model: Result<PathBuf, String>) -> Result<RgbImage, String> {
    let map = depth_map(&model?, picture, &Cancel::default()).map_err(|error| error.to_string())?;
    Ok(DynamicImage::ImageLuma8(map).into_rgb8())
}

fn crashed(reporter: &Reporter, reason: String) {
    tracing::error!("a network that looks at pictures crashed: {reason}");
    reporter.send(Report::Restarted { thread: WorkerThread::Vision, reason });
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use crossbeam_channel::unbounded;

    use super::*;
    use crate::document::Document;
    use crate::engine::{ControlSource, Preprocessor, Settings};
    use crate::jobs::HintSource;
    use crate::paint::{Rgb, Size};
    use crate::picture::Fit;

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
    }

    fn document() -> Document {
        Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default())
    }

    fn reports(tasks: Vec<VisionTask>) -> Vec<Report> {
        let (sender, waiting) = unbounded();
        tasks.into_iter().for_each(|task| sender.send(task).expect("waits"));
        drop(sender);
        let (sender, reports) = unbounded();
        run(&waiting, &Reporter { reports: sender, repaint: Arc::new(|| {}) });
        reports.try_iter().collect()
    }

    #[test]
    fn a_canvas_is_described_a_missing_network_is_told_and_a_cancelled_task_is_not() {
        let task = |job, model: PathBuf| DescribeTask {
            job: JobId(job),
            model,
            picture: document().whole_canvas(),
            cancel: Cancel::default(),
        };
        let cancelled = task(1, fixture("captioner"));
        cancelled.cancel.cancel();
        let tasks = [cancelled, task(2, fixture("captioner")), task(3, fixture("no-such-network"))];
        let told = reports(tasks.into_iter().map(VisionTask::Describe).collect());
        let [Report::Described(found), Report::Described(missing)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(found.job, JobId(2));
        assert!(found.caption.as_ref().is_ok_and(|caption| !caption.is_empty()), "{found:?}");
        assert!(missing.caption.as_ref().is_err_and(|text| text.contains("no-such-network")), "{missing:?}");
    }

    #[test]
    fn depth_is_drawn_in_the_size_of_the_results_and_a_missing_network_is_told() {
        let task = |number| {
            let pixels = document().control_pixels(&ControlSource::Sketch).expect("pixels");
            Box::new(HintTask {
                number,
                source: HintSource::Layers(Box::new(pixels)),
                preprocessor: Preprocessor::Depth,
                size: (64, 48),
                fit: Fit::Fill,
                canvas: (64, 48),
                paper: [255; 3],
            })
        };
        let told = reports(vec![
            VisionTask::DrawDepth(task(1), Ok(fixture("depth"))),
            VisionTask::DrawDepth(task(2), Err("Fetch it.".into())),
            VisionTask::DrawDepth(task(3), Ok(fixture("upscaler.safetensors"))),
        ]);
        let drawn: Vec<_> = told
            .into_iter()
            .map(|report| match report {
                Report::File(FileReport::HintDrawn(number, drawn)) => (number, drawn.map(|drawn| drawn.lines)),
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(matches!(&drawn[0], (1, Ok(lines)) if lines.dimensions() == (64, 48)), "{:?}", drawn[0]);
        assert_eq!(drawn[1], (2, Err("Fetch it.".into())));
        assert!(matches!(&drawn[2], (3, Err(text)) if text.contains("upscaler.safetensors")), "{:?}", drawn[2]);
    }
}
