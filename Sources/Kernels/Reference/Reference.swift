/// The definition of every kernel: plain loops over arrays, summed in double precision, one formula each.
///
/// The fast kernels are tested against these; nothing else calls them.
package enum Reference {}
