//! Jobs that wait for the worker, oldest first.

use std::collections::VecDeque;

use super::{AnimationProgress, Job};

/// The jobs that wait, and how many are under way.
#[derive(Default)]
pub(super) struct JobQueue {
    waiting: VecDeque<Job>,
    /// Jobs under way: a comparison does others in between.
    running: usize,
    /// Whether the comparison under way, if any, should end.
    ends_comparison: bool,
    /// Which part of a large picture is drawn, while one is under way, and whether it should end.
    picture: Option<f64>,
    ends_picture: bool,
    /// How far the animation is that is being saved, and whether it should end.
    animation: Option<AnimationProgress>,
    ends_animation: bool,
}

impl JobQueue {
    /// Adds a job. A comparison replaces one that waits and ends one under way; small pictures replace
    /// those that wait.
    pub(super) fn push(&mut self, job: Job) {
        if job.is_comparison() {
            self.end_comparison();
        }
        if job.is_film() {
            self.waiting.retain(|job| !job.is_film());
        }
        self.waiting.push_back(job);
    }

    /// Begins the next job; `patient_too` takes also such as wait until nothing else is under way. Animations are
    /// saved one after the other.
    pub(super) fn take(&mut self, patient_too: bool) -> Option<Job> {
        let is_free = self.animation.is_none();
        let may =
            |job: &Job| (patient_too || !job.is_patient()) && (is_free || !job.is_animation());
        let next = self.waiting.iter().position(may)?;
        let job = self.waiting.remove(next)?;
        self.running += 1;
        if job.is_comparison() {
            self.ends_comparison = false;
        }
        if job.is_animation() {
            (self.animation, self.ends_animation) = (Some(AnimationProgress::default()), false);
        }
        Some(job)
    }

    /// Takes note that a job under way is done.
    pub(super) fn finish(&mut self) {
        self.running -= 1;
    }

    /// Ends the comparison under way and forgets one that waits.
    pub(super) fn end_comparison(&mut self) {
        self.waiting.retain(|job| !job.is_comparison());
        self.ends_comparison = true;
    }

    /// Takes note of how much of a large picture is drawn, and says whether to go on with it; without a part
    /// none is under way any more.
    pub(super) fn goes_on_with_picture(&mut self, part: Option<f64>) -> bool {
        if self.picture.is_none() || part.is_none() {
            self.ends_picture = false;
        }
        self.picture = part;
        !self.ends_picture
    }

    /// Which part of a large picture is drawn, if one is under way.
    pub(super) fn picture(&self) -> Option<f64> {
        self.picture
    }

    /// Ends the large picture under way, if there is one.
    pub(super) fn end_picture(&mut self) {
        self.ends_picture = self.picture.is_some();
    }

    /// How far the animation is that is being saved, or that waits for its turn.
    pub(super) fn animation(&self) -> Option<AnimationProgress> {
        let waits = || self.waiting.iter().any(Job::is_animation);
        self.animation.or_else(|| waits().then(AnimationProgress::default))
    }

    /// Takes note of how far the animation under way is, and says whether to go on with it.
    pub(super) fn goes_on_with_animation(&mut self, progress: AnimationProgress) -> bool {
        self.animation = Some(progress);
        !self.ends_animation
    }

    /// Whether the animation under way should end.
    pub(super) fn ends_animation(&self) -> bool {
        self.ends_animation
    }

    /// Ends the animation under way, and forgets those that wait.
    pub(super) fn end_animation(&mut self) {
        self.waiting.retain(|job| !job.is_animation());
        self.ends_animation = self.animation.is_some();
    }

    /// Takes note that the animation under way is done.
    pub(super) fn finish_animation(&mut self) {
        (self.animation, self.ends_animation) = (None, false);
        self.finish();
    }

    /// Whether the comparison under way should end.
    pub(super) fn ends_comparison(&self) -> bool {
        self.ends_comparison
    }

    /// Whether a comparison waits.
    pub(super) fn has_comparison(&self) -> bool {
        self.waiting.iter().any(Job::is_comparison)
    }

    /// Whether small pictures wait.
    pub(super) fn has_film(&self) -> bool {
        self.waiting.iter().any(Job::is_film)
    }

    /// Whether a job waits that is done in the middle of a sum.
    pub(super) fn has_urgent(&self) -> bool {
        !self.waiting.iter().all(Job::is_patient)
    }

    /// Whether a job waits.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether no job waits and none is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.running == 0
    }

    /// Takes out all jobs that wait, since the worker has ended.
    pub(super) fn abandon(&mut self) -> VecDeque<Job> {
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        engine::EngineId,
        session::{OwnFiles, Settings},
    };

    fn settings() -> Job {
        let files = OwnFiles::in_folder(Path::new("nowhere"));
        Job::SaveSettings { files, settings: Settings::default() }
    }

    fn comparison(engine: EngineId) -> Job {
        Job::Compare { engines: vec![engine] }
    }

    fn engine_of(job: Option<Job>) -> Option<EngineId> {
        match job {
            Some(Job::Compare { engines }) => engines.first().copied(),
            _ => None,
        }
    }

    #[test]
    fn a_comparison_waits_until_nothing_else_is_under_way() {
        let mut queue = JobQueue::default();
        queue.push(comparison(EngineId::Simd));
        assert!(queue.has_comparison() && !queue.has_urgent() && queue.take(false).is_none());
        queue.push(settings());
        assert!(queue.has_urgent());
        assert!(matches!(queue.take(false), Some(Job::SaveSettings { .. })));
        assert!(!queue.has_urgent() && queue.has_waiting());
        assert_eq!(engine_of(queue.take(true)), Some(EngineId::Simd));
        assert!(!queue.is_idle(), "both are under way");
        queue.finish();
        queue.finish();
        assert!(queue.is_idle());
    }

    #[test]
    fn a_comparison_replaces_the_one_before_it() {
        let mut queue = JobQueue::default();
        queue.push(comparison(EngineId::Naive));
        queue.push(comparison(EngineId::Simd));
        assert_eq!(engine_of(queue.take(true)), Some(EngineId::Simd));
        assert!(!queue.ends_comparison() && !queue.has_waiting());
        queue.push(comparison(EngineId::Fast));
        assert!(queue.ends_comparison(), "the one under way ends");
        assert_eq!(engine_of(queue.take(true)), Some(EngineId::Fast));
        assert!(!queue.ends_comparison());
        queue.push(settings());
        queue.end_comparison();
        assert!(queue.ends_comparison() && queue.has_urgent());
    }

    #[test]
    fn jobs_that_the_worker_left_are_handed_back() {
        let mut queue = JobQueue::default();
        queue.push(settings());
        queue.push(comparison(EngineId::Simd));
        assert_eq!(queue.abandon().len(), 2);
        assert!(queue.is_idle() && !queue.has_film());
    }
}
