// Shared by the pages of docs/: references to the library as built, and claims that are checked when a page runs.
#I "../../artifacts/bin/Koopman.Core/release"
#r "TorchSharp.dll"
#r "MathNet.Numerics.dll"
#r "Koopman.Core.dll"

open Koopman

let mutable private failures = 0

/// Prints and records whether a claim of the page holds.
let claim (what: string) (holds: bool) : unit =
    printfn "  %s %s" (if holds then "holds:" else "FAILS:") what

    if not holds then
        failures <- failures + 1

/// Ends the page: exit code 1 if a claim failed.
let finish () : unit =
    printfn
        "%s"
        (if failures = 0 then
             "All claims hold."
         else
             $"{failures} claim(s) failed.")

    exit (min failures 1)
