namespace Koopman

open TorchSharp

/// <summary>The outcome of checking a law on an object.</summary>
[<NoComparison>]
type LawOutcome =
    {
        /// <summary>The law, as a statement.</summary>
        Law: string
        /// <summary>The difference of the two sides, relative to their size.</summary>
        Defect: float
        /// <summary>The largest defect that rounding can explain.</summary>
        Tolerance: float
    }

    /// <summary>True if the law holds.</summary>
    member this.Holds: bool = this.Defect <= this.Tolerance

    override this.ToString() : string =
        let verdict = if this.Holds then "holds" else "FAILS"
        $"{this.Law}: {verdict} (defect {this.Defect:G2}, tolerance {this.Tolerance:G2})"

/// Builds outcomes.
[<RequireQualifiedAccess>]
module internal Law =

    /// |a - b| relative to the larger of the two, or of 1e-300.
    let private defect (expected: Tensor) (actual: Tensor) : float =
        Tensors.within (fun () ->
            let size (t: Tensor) = t.abs().max().ToDouble()

            if expected.shape <> actual.shape then
                infinity
            else
                let difference = size (expected - actual)
                let scale = max (max (size expected) (size actual)) 1e-300

                if System.Double.IsNaN difference then
                    infinity
                else
                    difference / scale)

    /// The two sides are equal up to rounding.
    let equal (law: string) (tolerance: float) (expected: Tensor) (actual: Tensor) : LawOutcome =
        {
            Law = law
            Defect = defect expected actual
            Tolerance = tolerance
        }

    /// A law about a number that should be 0.
    let zero (law: string) (tolerance: float) (value: float) : LawOutcome =
        {
            Law = law
            Defect = if System.Double.IsNaN value then infinity else abs value
            Tolerance = tolerance
        }
