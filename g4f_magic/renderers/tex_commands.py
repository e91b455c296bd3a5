r"""What TeX may hold that a page typesets: commands that draw signs and put them in their places. Pure, no I/O.

A list of what is forbidden would never be whole: a page loads further packages by the names of their commands, and
some of those define new ones (`\Newextarrow`), which other outputs then show.
"""

from __future__ import annotations

_NAMES = (
    # Greek and other letters
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi omicron pi"
    " varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega digamma Gamma Delta Theta Lambda Xi Pi Sigma"
    " Upsilon Phi Psi Omega varGamma varDelta varTheta varLambda varXi varPi varSigma varUpsilon varPhi varPsi varOmega"
    " aleph beth gimel daleth hbar hslash imath jmath ell wp Re Im partial infty nabla eth Bbbk mho Finv Game"
    # alphabets and text
    " mathbb mathbf mathcal mathfrak mathit mathnormal mathrm mathscr mathsf mathtt boldsymbol bm pmb bold rm bf it sf tt"
    " cal frak scr text textbf textit textrm textsf texttt textnormal textup mbox hbox operatorname operatornamewithlimits"
    " displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits mathop mathbin mathrel mathord mathopen"
    " mathclose mathpunct mathinner tiny scriptsize small normalsize large Large LARGE huge Huge"
    # fractions, roots, accents
    " frac dfrac tfrac cfrac genfrac binom dbinom tbinom choose over atop above brack brace sqrt root of hat widehat bar"
    " overline underline vec dot ddot dddot ddddot tilde widetilde acute grave breve check mathring overbrace underbrace"
    " overrightarrow overleftarrow overleftrightarrow underrightarrow underleftarrow underleftrightarrow overset underset"
    " stackrel overparen underparen substack sideset not cancel bcancel xcancel boxed phantom hphantom vphantom smash"
    " mathstrut strut prescript xleftarrow xrightarrow xleftrightarrow xRightarrow xLeftarrow xmapsto"
    # functions
    " arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf injlim ker lg lim liminf limsup ln log"
    " max min Pr projlim sec sin sinh sup tan tanh varinjlim varliminf varlimsup varprojlim bmod pmod pod mod argmax argmin"
    # large signs
    " sum prod coprod int iint iiint iiiint idotsint oint oiint oiiint bigcap bigcup bigsqcup bigvee bigwedge bigodot"
    " bigotimes bigoplus biguplus smallint intop ilimits"
    # operators
    " pm mp times div ast star circ bullet cdot cap cup uplus sqcap sqcup vee wedge lor land setminus smallsetminus wr"
    " diamond bigtriangleup bigtriangledown triangleleft triangleright lhd rhd unlhd unrhd oplus ominus otimes oslash"
    " odot bigcirc dagger ddagger amalg dotplus ltimes rtimes leftthreetimes rightthreetimes Cap Cup doublecap doublecup"
    " barwedge veebar doublebarwedge boxminus boxtimes boxdot boxplus circleddash circledast circledcirc centerdot intercal"
    " divideontimes curlywedge curlyvee gtrdot lessdot And"
    # relations
    " le leq leqq leqslant ge geq geqq geqslant ne neq equiv sim simeq approx approxeq cong propto varpropto ll lll gg ggg"
    " prec succ preceq succeq precsim succsim preccurlyeq succcurlyeq precapprox succapprox subset supset subseteq supseteq"
    " subseteqq supseteqq subsetneq supsetneq subsetneqq supsetneqq nsubseteq nsupseteq Subset Supset sqsubset sqsupset"
    " sqsubseteq sqsupseteq in ni owns notin parallel nparallel mid nmid shortmid shortparallel perp models vdash dashv"
    " vDash Vdash Vvdash nvdash nvDash nVdash nVDash smile frown asymp bowtie Join doteq doteqdot Doteq fallingdotseq"
    " risingdotseq circeq triangleq bumpeq Bumpeq eqcirc coloneqq Coloneqq eqqcolon coloneq colon eqsim eqslantless"
    " eqslantgtr lesssim gtrsim lessapprox gtrapprox lessgtr gtrless lesseqgtr gtreqless lneq gneq lneqq gneqq nless ngtr"
    " nleq ngeq nleqslant ngeqslant nprec nsucc npreceq nsucceq nsim ncong thicksim thickapprox backsim backsimeq between"
    " pitchfork backepsilon therefore because trianglelefteq trianglerighteq vartriangleleft vartriangleright blacktriangle"
    " blacktriangledown blacktriangleleft blacktriangleright ntriangleleft ntriangleright vartriangle triangledown"
    # arrows
    " to gets leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow longleftarrow longrightarrow"
    " longleftrightarrow Longleftarrow Longrightarrow Longleftrightarrow uparrow downarrow updownarrow Uparrow Downarrow"
    " Updownarrow mapsto longmapsto hookleftarrow hookrightarrow leftharpoonup leftharpoondown rightharpoonup"
    " rightharpoondown upharpoonleft upharpoonright downharpoonleft downharpoonright rightleftharpoons leftrightharpoons"
    " nearrow searrow swarrow nwarrow iff implies impliedby leadsto rightsquigarrow leftrightsquigarrow dashrightarrow"
    " dashleftarrow leftleftarrows rightrightarrows leftrightarrows rightleftarrows upuparrows downdownarrows"
    " twoheadleftarrow twoheadrightarrow leftarrowtail rightarrowtail curvearrowleft curvearrowright circlearrowleft"
    " circlearrowright Lleftarrow Rrightarrow looparrowleft looparrowright Lsh Rsh multimap nleftarrow nrightarrow"
    " nleftrightarrow nLeftarrow nRightarrow nLeftrightarrow restriction"
    # brackets and their sizes
    " left right middle big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl biggr biggm Biggl Biggr Biggm lbrace rbrace"
    " lbrack rbrack langle rangle lfloor rfloor lceil rceil lvert rvert lVert rVert vert Vert lgroup rgroup lmoustache"
    " rmoustache ulcorner urcorner llcorner lrcorner backslash arrowvert Arrowvert"
    # dots, spaces, breaks
    " dots ldots cdots vdots ddots dotsb dotsc dotsi dotsm dotso iddots ldotp cdotp quad qquad enspace enskip thinspace"
    " medspace thickspace negthinspace negmedspace negthickspace space nobreakspace hspace mspace kern mkern hskip mskip"
    " cr newline nonumber notag tag hline hdashline hfill hfil begin end"
    # other signs
    " forall exists nexists neg lnot top bot emptyset varnothing angle measuredangle sphericalangle triangle square Box"
    " Diamond blacksquare blacklozenge lozenge bigstar clubsuit diamondsuit heartsuit spadesuit flat natural sharp"
    " surd prime backprime complement degree copyright circledR circledS checkmark maltese pounds yen S P dag ddag"
    " diagup diagdown surd Vec TeX LaTeX"
)
COMMANDS = frozenset(_NAMES.split())

ENVIRONMENTS = frozenset(
    [
        "matrix",
        "pmatrix",
        "bmatrix",
        "Bmatrix",
        "vmatrix",
        "Vmatrix",
        "smallmatrix",
        "array",
        "cases",
        "rcases",
        "dcases",
        "align",
        "aligned",
        "alignat",
        "alignedat",
        "split",
        "gather",
        "gathered",
        "multline",
        "multlined",
        "equation",
        "eqnarray",
        "subarray",
    ]
)
ENVIRONMENTS |= {
    f"{name}*" for name in ("align", "alignat", "gather", "multline", "equation", "eqnarray", "matrix")
}
ENVIRONMENTS |= {f"{letter}matrix*" for letter in "pbBvV"}

DISPLAYS = frozenset(
    f"{name}{star}"
    for name in (
        "align",
        "alignat",
        "gather",
        "multline",
        "equation",
        "eqnarray",
        "aligned",
        "cases",
        "split",
    )
    for star in ("", "*")
) | {f"{letter}matrix" for letter in ("", "p", "b", "B", "v", "V")}
"""Environments that stand for a formula without dollars around them."""
