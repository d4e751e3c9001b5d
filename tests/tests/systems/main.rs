//! One test for each of the 96 systems of the source documents (domain.md, part a), named after
//! it: a board of its template, played by the units concerned, and its "Works when".

mod errand;
mod hohhot;
mod lifecycle;
mod measures;
mod plans;
mod spring;
mod table;
