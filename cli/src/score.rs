//! How good a network is: accuracy and confusion on samples it does not learn from.

use deku_ref::wire::ExampleResult;

use crate::compose::Composer;
use crate::data::Samples;
use crate::error::Result;
use crate::model::Settings;
use crate::output::Progress;
use crate::session::Session;

/// Counts of right and wrong answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Samples of each class (row) that were taken for each class (column).
    pub confusion: Vec<Vec<u32>>,
}

impl Score {
    /// Samples.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.confusion.iter().flatten().sum()
    }

    /// Samples whose class was recognised.
    #[must_use]
    pub fn correct(&self) -> u32 {
        self.confusion.iter().enumerate().map(|(c, row)| row[c]).sum()
    }

    /// Accuracy in percent, to two decimals.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        percent(self.correct().into(), self.total().into())
    }
}

/// `part` of `whole` in percent, rounded to two decimals; 0 of nothing.
#[must_use]
pub fn percent(part: u64, whole: u64) -> f64 {
    (10_000.0 * part as f64 / whole.max(1) as f64).round() / 100.0
}

/// Classifies every sample.
pub fn classify(
    session: &mut dyn Session,
    settings: &Settings,
    samples: &Samples,
    progress: &mut Progress,
    mut each: impl FnMut(usize, u8, u32),
) -> Result<()> {
    let mut composer = Composer::new(settings);
    let mut answers = Answers::new(composer.questions());
    for n in 0..samples.len() {
        composer.infer(samples.list(n), |example| {
            session.push(&example, &mut |result| answers.take(result, &mut each))
        })?;
        progress.at(n as u64, String::new);
    }
    session.flush(&mut |result| answers.take(result, &mut each))
}

/// Scores a network on samples.
pub fn score(
    session: &mut dyn Session,
    settings: &Settings,
    samples: &Samples,
    progress: &mut Progress,
) -> Result<Score> {
    let mut confusion = vec![vec![0; settings.classes]; settings.classes];
    classify(session, settings, samples, progress, |n, class, _| {
        let row = &mut confusion[usize::from(samples.label(n))];
        if let Some(count) = row.get_mut(usize::from(class)) {
            *count += 1;
        }
    })?;
    Ok(Score { confusion })
}

/// Puts the results of several questions about one sample together.
struct Answers {
    questions: usize,
    asked: usize,
    best: (u8, u32),
    samples: usize,
}

impl Answers {
    fn new(questions: usize) -> Self {
        Self { questions, asked: 0, best: (0, 0), samples: 0 }
    }

    fn take(&mut self, result: &ExampleResult, each: &mut impl FnMut(usize, u8, u32)) {
        if self.questions == 1 {
            self.best = (result.class, result.other);
        } else if self.asked == 0 || result.other > self.best.1 {
            self.best = (self.asked as u8, result.other);
        }
        self.asked += 1;
        if self.asked == self.questions {
            each(self.samples, self.best.0, self.best.1);
            self.samples += 1;
            self.asked = 0;
        }
    }
}
