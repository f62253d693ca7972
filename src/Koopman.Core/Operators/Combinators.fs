namespace Koopman

open TorchSharp

/// <summary>Observables made of observables: further members of the module <c>Observables</c>.</summary>
[<AutoOpen>]
module Combinators =

    /// <summary>Combines observables, and sets them on other coordinates. The results take over what they are made of.</summary>
    [<RequireQualifiedAccess>]
    module Observables =

        /// <summary>
        /// All products ψ_i χ_j of a function of the first with one of the second, the second running fastest. With a constant in both,
        /// their own functions are among them. The result takes over both.
        /// </summary>
        let product (first: Observables) (second: Observables) : Outcome<Observables> =
            let count = float first.Count * float second.Count

            if first.Dimension <> second.Dimension then
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"Observables of {first.Dimension} and of {second.Dimension} dimensions cannot be multiplied"
                    "Make both for the dimension of the data"
            elif count > 20_000.0 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"There are {count:N0} products of {first.Count} functions with {second.Count}"
                    "Multiply smaller families, or select from them first"
            else
                Ok(new ProductObservables(first, second))

        /// <summary>The functions with these indices, counted from 0, in this order. The result takes over the family.</summary>
        let select (indices: int[]) (inner: Observables) : Outcome<Observables> =
            match indices |> Array.tryFind (fun i -> i < 0 || i >= inner.Count) with
            | Some index ->
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"There is no function {index} among {inner.Count}"
                    $"Indices run from 0 to {inner.Count - 1}"
            | None when indices.Length = 0 || (Array.distinct indices).Length < indices.Length ->
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "A selection must name at least one function, and none twice"
                    "Give distinct indices"
            | None -> Ok(new SelectedObservables(Array.copy indices, inner))

        /// <summary>
        /// The observables on delay coordinates: the state is a row of <paramref name="count"/> blocks [x_t, x_{t-1}, ...] of the inner
        /// dimension each, and the functions of every block follow one another. A constant among the inner functions comes once a block;
        /// estimators drop the copies. The result takes over the inner functions.
        /// </summary>
        let onDelays (count: int) (inner: Observables) : Outcome<Observables> =
            if count < 1 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"{count} delay blocks hold no state"
                    "Give the number of blocks in a row of the data, at least 1"
            else
                Ok(new DelayedObservables(count, inner))

        /// <summary>
        /// The observables of the k coordinates along principal components. The components are copied; the result takes over the inner
        /// functions.
        /// </summary>
        let onPca (pca: Pca) (inner: Observables) : Outcome<Observables> =
            use directions = pca.Components.t ()
            Observables.mapped pca.Mean directions inner

        /// <summary>
        /// The observables of whitened coordinates: an affine map, made from the samples with their weights, gives them mean 0, unit
        /// variance and no correlation. What <c>hermite</c> wants. The result takes over the inner functions.
        /// </summary>
        /// <returns>The functions, or an error if the data vary in fewer directions than they have dimensions.</returns>
        let whitened (samples: Samples) (inner: Observables) : Outcome<Observables> =
            use _ = Tensors.scope ()
            let mean = Samples.mean samples
            let covariance = Samples.covariance samples
            let d = samples.Dimension
            // What rounding leaves of the variance of a constant must not be taken for one.
            let floor = 1e-26 * mean.square ()
            let constant = Guarded.read<int64>(covariance.diagonal().le(floor).nonzero())

            if constant.Length > 0 then
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    $"Coordinate {constant[0]} (counted from 0) is constant over the samples"
                    "Leave constant coordinates out of the data"
            else
                LinearAlgebra.whiten 1e-12 covariance
                |> Result.bind (fun basis ->
                    if int basis.shape[1] < d then
                        KoopmanError.fail
                            ErrorKind.IllConditioned
                            $"The samples vary in {basis.shape[1]} of {d} directions only: some coordinates are linear combinations of others"
                            $"Take {basis.shape[1]} principal components with Observables.onPca"
                    else
                        Observables.mapped mean basis inner)
