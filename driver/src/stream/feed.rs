//! Where examples come from, and where results go.

use deku_ref::wire::ExampleResult;
use deku_ref::Example;

/// A source of examples that can be taken back.
pub(super) trait Feed<'a> {
    /// The next example to be sent.
    fn peek(&mut self) -> Option<Example<'a>>;
    /// It was sent.
    fn advance(&mut self);
    /// Takes back everything after the `sent` oldest examples without result.
    fn rewind(&mut self, sent: usize);
    /// The oldest example without result has one now.
    fn accept(&mut self, result: &ExampleResult);
    /// Examples with a result.
    fn done(&self) -> usize;
}

/// Examples of an iterator.
pub(super) struct Examples<'a, I, F> {
    /// Yields the oldest example without result next.
    tail: I,
    /// Yields the example after `upcoming` next.
    head: I,
    upcoming: Option<Example<'a>>,
    done: usize,
    each: F,
}

impl<'a, I: Iterator<Item = Example<'a>> + Clone, F> Examples<'a, I, F> {
    pub fn new(examples: I, each: F) -> Self {
        let mut head = examples.clone();
        let upcoming = head.next();
        Self { tail: examples, head, upcoming, done: 0, each }
    }
}

impl<'a, I, F> Feed<'a> for Examples<'a, I, F>
where
    I: Iterator<Item = Example<'a>> + Clone,
    F: FnMut(usize, &Example<'a>, &ExampleResult),
{
    fn peek(&mut self) -> Option<Example<'a>> {
        self.upcoming
    }

    fn advance(&mut self) {
        self.upcoming = self.head.next();
    }

    fn rewind(&mut self, sent: usize) {
        self.head = self.tail.clone();
        self.upcoming = self.head.nth(sent);
    }

    fn accept(&mut self, result: &ExampleResult) {
        if let Some(example) = self.tail.next() {
            (self.each)(self.done, &example, result);
        }
        self.done += 1;
    }

    fn done(&self) -> usize {
        self.done
    }
}

/// No more examples; those under way belong to a stream that failed.
pub(super) struct Nothing<F> {
    done: usize,
    each: F,
}

impl<F> Nothing<F> {
    pub fn new(each: F) -> Self {
        Self { done: 0, each }
    }
}

impl<F: FnMut(usize, &ExampleResult)> Feed<'static> for Nothing<F> {
    fn peek(&mut self) -> Option<Example<'static>> {
        None
    }

    fn advance(&mut self) {}

    fn rewind(&mut self, _sent: usize) {}

    fn accept(&mut self, result: &ExampleResult) {
        (self.each)(self.done, result);
        self.done += 1;
    }

    fn done(&self) -> usize {
        self.done
    }
}
