namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>
/// The spectrum of a lift: y = [x, F] moves as y' = y M + (a part that only 1 and t drive), and with M P = P Λ its modal coordinates α = y P, values of Koopman
/// eigenfunctions, move each by itself. The constant and t are left out, since the two of them alone make every L defective. If the same operator acts at every site, this is
/// the spectrum at one of them: d and m are then channels, and the sites count as rows.
/// </summary>
[<Sealed>]
type FlowModes
    internal
    (
        lift: Lift,
        eigenvalues: Complex[],
        right: Tensor,
        inverse: Tensor,
        deviations: float[],
        condition: float,
        logNorm: float,
        exponential: float
    ) =

    /// <summary>The lift, in float64. Owned by this object.</summary>
    member _.Lift: Lift = lift

    /// <summary>The eigenvalues λ_k (d+m), those that grow fastest first; of a conjugate pair the one with positive imaginary part comes first.</summary>
    member _.Eigenvalues: Complex[] = eigenvalues

    /// <summary>P (d+m, d+m), complex128: the modal coordinates of rows y are y P.</summary>
    member _.Right: Tensor = right

    /// <summary>P⁻¹ (d+m, d+m), complex128: its rows are the modes; the first d columns are their parts in the space of points, images for instance.</summary>
    member _.Modes: Tensor = inverse

    /// <summary>The standard deviations of |α_k - mean| over the points that the spectrum was found with: the unit of edits.</summary>
    member _.Deviations: float[] = deviations

    /// <summary>The condition number of P with features scaled to deviation 1: up to some thousands modes can be told apart; far above use none of them singly.</summary>
    member _.Condition: float = condition

    /// <summary>The largest growth rate of length in y, features scaled to deviation 1.</summary>
    member _.LogNorm: float = logNorm

    /// <summary>The relative condition number of e^M in the Frobenius norm: by how much a relative error of M is magnified in e^M.</summary>
    member _.ExponentialCondition: float = exponential

    /// <summary>For every mode the index of its conjugate, or its own if it is real.</summary>
    member _.Conjugates: int[] =
        eigenvalues
        |> Array.mapi (fun k value ->
            if value.Imaginary > 0.0 then k + 1
            elif value.Imaginary < 0.0 then k - 1
            else k)

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() : unit =
            (lift :> IDisposable).Dispose()
            right.Dispose()
            inverse.Dispose()

/// <summary>A change of modal coordinates, of a mode and its conjugate together so that points stay real.</summary>
[<Struct>]
type ModeEdit =
    /// <summary>α_k times a number: 0 removes the mode, 1 changes nothing.</summary>
    | ScaleMode of scaled: int * factor: float
    /// <summary>α_k plus this many of its standard deviations, in the direction of this phase; .3 to .7 change samples visibly and keep them among the data.</summary>
    | ShiftMode of shifted: int * amount: float * phase: float
