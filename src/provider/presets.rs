//! Providers as they are: addresses, methods and quirks as data, each with its link and the date on which
//! it was last checked. No other code knows a server's name.
