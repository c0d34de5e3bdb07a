//! Tests of whole examples: against a literal model, and against known answers.

mod known_answers;
mod literal;
mod refusals;
mod stacks;
